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
        case (nil, let url?): return server(url, passwordFile, &reader)
        case (.some, .some):
            reader.addProblem("database.url", "and database.path are two places; keep one of them")
        default:
            if !reader.problems.contains(where: { $0.key.hasPrefix("database.") }) {
                reader.addProblem("database.path", "is missing: the SQLite file, such as \"pulih.db\"")
            }
        }
        return nil
    }

    private static func server(
        _ url: String, _ passwordFile: String?, _ reader: inout ConfigurationReader
    ) -> DatabasePlace? {
        let example = "such as \"postgresql://pulih@db.example.org/pulih\""
        guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") else {
            reader.addProblem("database.url", "is not the address of a PostgreSQL database, \(example)")
            return nil
        }
        do {
            let address = try ServerAddress(url)
            guard address["password"] == nil else {
                reader.addProblem(
                    "database.url",
                    "holds the password, which everybody can read who may read this file: put it in a file of mode 0600 "
                        + "and name that as database.passwordFile")
                return nil
            }
            guard address["dbname"]?.isEmpty == false else {
                reader.addProblem("database.url", "names no database, \(example)")
                return nil
            }
            return .server(address, passwordFile: passwordFile)
        } catch {
            reader.addProblem("database.url", "cannot be read: \(error.message)")
            return nil
        }
    }
}
