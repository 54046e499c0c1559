import Domain
import SQLite

/// Turns what SQLite says into what a person can act on. Errors of the domain pass through.
enum StorageTrouble {
    static func fault(_ error: any Error, path: String) -> any Error {
        switch error {
        case let error as SQLiteError: StorageFault(sentence: sentence(error, path), detail: error.description)
        case let error as NewerDatabase:
            StorageFault(
                sentence: "The database \(path) was made by a newer version of Pulih. Use that version, or restore a "
                    + "backup that this one made.",
                detail: "unknown migrations: \(error.unknown.joined(separator: ", "))")
        case is TransactionLost:
            StorageFault(
                sentence: "The database \(path) could not be written: the disk is full or failing.",
                detail: "SQLite rolled the transaction back")
        default: error
        }
    }

    private static func sentence(_ error: SQLiteError, _ path: String) -> String {
        if error.isFull {
            return "The disk that holds \(path) is full. Free some space; nothing that was accepted is lost."
        }
        if error.isBusy { return "Another program has kept the database \(path) locked for too long." }
        if error.isDamaged { return "\(path) is not a database or is damaged. Restore it from a backup." }
        return "The database \(path) could not do what was asked."
    }
}
