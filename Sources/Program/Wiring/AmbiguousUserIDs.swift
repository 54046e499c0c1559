import Domain
import Store

/// Accounts from a version that took `Budi` and `budi` for two people. They go on logging in, each with the exact spelling;
/// who types another one is not let in.
enum AmbiguousUserIDs {
    private static let mostNamed = 20

    /// Which they are and what to do; nil when there are none.
    static func warning(in database: Database) throws -> String? {
        let userIDs = try database.read { try $0.ambiguousUserIDs(limit: mostNamed + 1) }
        guard !userIDs.isEmpty else { return nil }
        let more = userIDs.count > mostNamed ? " and more" : ""
        return
            "These User IDs differ by case alone: \(userIDs.prefix(mostNamed).joined(separator: ", "))\(more). Until all but "
            + "one of each are renamed, each must be typed exactly so: pulih user rename USER_ID NEW_USER_ID"
    }
}
