"""Every error that the assistant raises on purpose. Each message says what to do next.

NoticeAssistantError
├── SettingsError            a setting is missing or wrong
├── DocumentError            one file could not be read; the others go on
│   ├── UnsupportedFormat    no reader for this kind of file
│   ├── EmptyDocument        nothing to read in it
│   ├── EncryptedDocument    a password is needed
│   ├── DamagedDocument      the file is cut, forged or not what it says
│   ├── DocumentTooLarge     over a set limit of size, members, memory or time
│   └── DocumentChanging     somebody is writing the file at this moment; the next build takes it
├── KnowledgeIndexError     the published index cannot be used
│   ├── IndexMissing         nothing has been built yet
│   ├── IndexDamaged         counts or hashes do not match
│   ├── IndexMismatch        built by another encoder or schema
│   └── IndexNotWritten      the disk is full or refuses; the published version stays
├── BuildLocked              another builder is at work
├── BotAlreadyRunning        another process serves the same bot
├── UploadError              a file that staff sent cannot be taken in, placed or put back
├── ModelError               an encoder or reader cannot be loaded
├── LanguageModelError       a language model's server gives no usable reply; the extractive answer stands
├── RephrasingRefused        a rewritten answer breaks a rule; the extractive one stands
├── FaqError                 an FAQ page cannot be approved as it is
└── FactLockError            an answer states a value that no cited clause states
"""


class NoticeAssistantError(Exception):
    """Base of all errors raised on purpose; `str(error)` is shown to the person at work."""


class SettingsError(NoticeAssistantError):
    pass


class DocumentError(NoticeAssistantError):
    pass


class UnsupportedFormat(DocumentError):
    pass


class EmptyDocument(DocumentError):
    pass


class EncryptedDocument(DocumentError):
    pass


class DamagedDocument(DocumentError):
    pass


class DocumentTooLarge(DocumentError):
    pass


class DocumentChanging(DocumentError):
    pass


class KnowledgeIndexError(NoticeAssistantError):
    pass


class IndexMissing(KnowledgeIndexError):
    pass


class IndexDamaged(KnowledgeIndexError):
    pass


class IndexMismatch(KnowledgeIndexError):
    pass


class IndexNotWritten(KnowledgeIndexError):
    pass


class BuildLocked(NoticeAssistantError):
    pass


class UploadError(NoticeAssistantError):
    pass


class BotAlreadyRunning(NoticeAssistantError):
    pass


class ModelError(NoticeAssistantError):
    pass


class LanguageModelError(NoticeAssistantError):
    pass


class RephrasingRefused(NoticeAssistantError):
    pass


class FaqError(NoticeAssistantError):
    pass


class FactLockError(NoticeAssistantError):
    pass
