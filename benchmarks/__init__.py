"""Time and memory of the assistant, beside its bare encoder and a peer pipeline in the same run."""
