import Configuration
import Domain
import FoundationEssentials
import Glibc
import PostgreSQL
import Store

extension Database {
    /// Opens the configured database.
    /// - Parameter patience: how long a caller waits for a server; a file of this machine is waited for.
    convenience init(_ place: DatabasePlace, clock: any Clock, patience: Duration? = nil) throws {
        let isServer = if case .server = place { true } else { false }
        try self.init(try place.engine, clock: clock, patience: isServer ? patience : nil)
    }
}

extension DatabasePlace {
    /// - Throws: `SecretFileError`: the password cannot be read.
    var engine: any StoreEngine {
        get throws {
            switch self {
            case .file(let path): return SQLiteEngine(path: path)
            case .server(let address, let passwordFile):
                var parameters = [("dbname", address.text)]
                if let passwordFile { parameters.append(("password", try SecretFile.text(passwordFile))) }
                // What the address does not say, the usual variables of libpq may; else the server's name is verified, unless
                // the way to it does not leave this machine.
                if !address.isLocal && address["sslmode"] == nil && !Self.isSet("PGSSLMODE") {
                    parameters.append(("sslmode", "verify-full"))
                    if let authorities = Self.authorities, address["sslrootcert"] == nil && !Self.isSet("PGSSLROOTCERT")
                    {
                        parameters.append(("sslrootcert", authorities))
                    }
                }
                return PostgreSQLEngine(PostgreSQLServer(name: address.name, parameters: parameters))
            }
        }
    }

    /// The authorities that this machine trusts, where the user has not chosen some for PostgreSQL alone.
    private static var authorities: String? {
        let home = getenv("HOME").map { String(cString: $0) } ?? ""
        let own = FileManager.default.fileExists(atPath: "\(home)/.postgresql/root.crt")
        let system = "/etc/ssl/certs/ca-certificates.crt"
        return !own && FileManager.default.fileExists(atPath: system) ? system : nil
    }

    private static func isSet(_ variable: String) -> Bool { getenv(variable) != nil }
}
