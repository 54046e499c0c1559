import Domain
import SQL

/// Turns what an engine answers into what a person can act on. Errors of the domain pass through.
enum StoreErrorMapping {
    static func failure(_ error: any Error, database name: String) -> any Error {
        switch error {
        case let error as any SQLError: StoreError(sentence: sentence(error.cause, name), detail: error.description)
        case let error as NewerSchemaError:
            StoreError(
                sentence: "The database \(name) was made by a newer version of Pulih. Use that version, or restore a "
                    + "backup that this one made.",
                detail: "unknown migrations: \(error.unknown.joined(separator: ", "))")
        case let error as TransactionLost where error.isUnreachable:
            StoreError(sentence: sentence(.unreachable, name), detail: "the connection broke in a transaction")
        case let error as AnswerOverdue:
            StoreError(sentence: sentence(.unreachable, name), detail: "no answer within \(error.patience)")
        case is TransactionLost:
            StoreError(
                sentence: "The database \(name) could not be written: the disk is full or failing.",
                detail: "the engine rolled the transaction back")
        default: error
        }
    }

    private static func sentence(_ cause: SQLErrorCause, _ name: String) -> String {
        switch cause {
        case .full: "The disk that holds \(name) is full. Free some space; nothing that was accepted is lost."
        case .busy: "Another program has kept the database \(name) locked for too long."
        case .unreachable:
            "The database \(name) does not answer just now. Please try again in a moment; nothing that was accepted is lost."
        case .damaged: "\(name) is not a database or is damaged. Restore it from a backup."
        case .constraint, .other: "The database \(name) could not do what was asked."
        }
    }
}
