package import PostgreSQL

/// Where all state is kept.
package enum DatabasePlace: Sendable, Equatable {
    /// A SQLite file on this machine.
    case file(String)
    /// A database on PostgreSQL, which other machines may use too.
    case server(ServerAddress, passwordFile: String?)

    /// How sentences for people name it.
    package var name: String {
        switch self {
        case .file(let path): path
        case .server(let address, _): address.name
        }
    }
}

extension DatabasePlace {
    static func read(_ reader: inout ConfigurationReader, folder: String) -> DatabasePlace? {
        let (path, url) = (reader.text("database.path"), reader.text("database.url"))
        let passwordFile = reader.text("database.passwordFile").map { Paths.resolve($0, in: folder) }
        switch (path, url) {
        case (let path?, nil) where !path.isEmpty:
            if passwordFile != nil { reader.addProblem("database.passwordFile", "belongs to database.url") }
            return .file(Paths.resolve(path, in: folder))
        case (nil, let url?):
            do {
                return try server(url, passwordFile: passwordFile, namedBy: "database.passwordFile")
            } catch {
                reader.addProblem("database.url", error.problem)
            }
        case (.some, .some):
            reader.addProblem("database.url", "and database.path are two places; keep one of them")
        default:
            if !reader.problems.contains(where: { $0.key.hasPrefix("database.") }) {
                reader.addProblem("database.path", "is missing: the SQLite file, such as \"pulih.db\"")
            }
        }
        return nil
    }

    /// The database that an address names.
    /// - Parameter key: what names the file of the password.
    package static func server(
        _ url: String, passwordFile: String?, namedBy key: String
    ) throws(DatabaseAddressError) -> DatabasePlace {
        let example = "such as \"postgresql://pulih@db.example.org/pulih\""
        guard isServer(url) else {
            throw DatabaseAddressError(problem: "is not the address of a PostgreSQL database, \(example)")
        }
        let address: ServerAddress
        do {
            address = try ServerAddress(url)
        } catch {
            throw DatabaseAddressError(problem: "cannot be read: \(error.message)")
        }
        guard address["password"] == nil else {
            throw DatabaseAddressError(
                problem:
                    "holds the password, which everybody can read who may read this file: put it in a file of mode 0600 "
                    + "and name that as \(key)")
        }
        guard address["dbname"]?.isEmpty == false else {
            throw DatabaseAddressError(problem: "names no database, \(example)")
        }
        return .server(address, passwordFile: passwordFile)
    }

    /// Whether a text is written as the address of a server, and not as a path.
    package static func isServer(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }
}

/// An address that names no database.
package struct DatabaseAddressError: Error, Equatable {
    /// What is wrong, as it follows the name of what holds the address.
    package let problem: String
}
