import Testing

/// The rooms of the house and the direction of imports between them.
@Suite
struct RoomTests {
    private let tree = SourceTree()

    /// What each room may import besides the system's own modules.
    private static let mayImport: [String: Set<String>] = [
        "Threading": ["CLinux"],
        "SQL": [],
        "SQLite": ["CSQLite", "SQL"],
        "PostgreSQL": ["CPostgreSQL", "SQL", "Threading"],
        "Curl": ["CCurl"],
        "SMTP": ["Curl", "Threading"],
        "HTTPClient": ["Curl", "Threading"],
        "OAuth": ["HTTPClient", "SMTP", "Threading"],
        "HTTPServer": ["CMicroHTTPD", "Threading"],
        "Cryptography": ["COpenSSL", "CArgon2", "CCrypt", "Threading"],
        "JOSE": ["CJose", "Cryptography"],
        "Spelling": [],
        "JSON": [],
        "ApplicationAPI": ["Cryptography", "Domain", "HTTPServer", "JSON", "Pictures", "Spelling"],
        "OpenID": ["Cryptography", "Domain", "HTTPServer", "JOSE", "JSON"],
        "MIME": [],
        "Bounces": ["MIME"],
        "Mustache": ["Spelling"],
        "Pictures": ["CQREncode", "CCairo", "CPNG"],
        "Domain": ["Cryptography"],
        "Store": ["Domain", "PostgreSQL", "SQL", "SQLite", "Threading"],
        "Worker": ["Cryptography", "Domain", "Mustache", "Threading"],
        "Pages": ["Cryptography", "Domain", "HTTPServer", "Mustache"],
        "Portal": ["Cryptography", "Domain", "HTTPServer", "Mustache", "Pages", "Pictures", "Threading"],
        "Operations": ["Cryptography", "Domain", "HTTPServer", "Mustache", "Pages"],
        "CommandLine": ["Domain", "Spelling", "Threading"],
        "Configuration": [
            "Cryptography", "Domain", "HTTPClient", "HTTPServer", "JOSE", "JSON", "OAuth", "PostgreSQL", "SMTP",
            "Spelling",
            "Threading",
        ],
        "Demo": [
            "CommandLine", "Configuration", "Cryptography", "Domain", "HTTPServer", "MIME", "Mustache", "Operations",
            "Pages",
        ],
        "Program": [
            "ApplicationAPI", "Bounces", "CommandLine", "Configuration", "Cryptography", "Demo", "Domain", "HTTPClient",
            "HTTPServer", "JOSE", "Mustache", "OpenID", "Operations", "Pages", "Pictures", "Portal", "PostgreSQL",
            "SMTP", "Spelling",
            "Store",
            "Threading", "Worker",
        ],
        "pulih": ["Program"],
        "Benchmarks": ["CommandLine", "JSON", "Spelling"],
        "pulih-bench": [
            "Benchmarks", "CommandLine", "Cryptography", "Curl", "Domain", "HTTPServer", "JOSE", "JSON", "MIME",
            "Pictures", "PostgreSQL", "SQL", "SQLite", "Store", "Threading",
        ],
    ]

    private static let system: Set<String> = ["FoundationEssentials", "Glibc"]

    @Test("Every room imports only what it may")
    func directions() throws {
        for room in try tree.folders(in: "Sources") where !tree.isLibrary("Sources/\(room)") {
            let allowed = try #require(Self.mayImport[room], "\(room) is a room that nobody has drawn")
            for file in try tree.swiftFiles(in: "Sources/\(room)") {
                let strangers = Set(try tree.imports(of: file)).subtracting(allowed).subtracting(Self.system)
                #expect(strangers.isEmpty, "\(file) imports \(strangers.sorted())")
            }
        }
    }

    @Test("A C library is a module map and a header, and one room imports it")
    func libraries() throws {
        let libraries = try tree.folders(in: "Sources").filter { tree.isLibrary("Sources/\($0)") }
        #expect(libraries.count == 12)
        for library in libraries {
            #expect(try tree.swiftFiles(in: "Sources/\(library)").isEmpty)
            let owners = try tree.folders(in: "Sources").filter { room in
                try tree.swiftFiles(in: "Sources/\(room)").contains { try tree.imports(of: $0).contains(library) }
            }
            #expect(owners.count <= 1, "\(library) is imported by \(owners)")
        }
    }

    @Test("The domain reads no clock, no file, no randomness and no thread of its own")
    func purity() throws {
        for file in try tree.swiftFiles(in: "Sources/Domain") {
            let text = try tree.text(file)
            for word in ["import Glibc", "SystemRandom", "Date()", "FileManager", "ProcessInfo", ".random(", "print("] {
                #expect(!text.contains(word), "\(file) holds \(word)")
            }
        }
    }

    @Test(
        "Environment, arguments and printing are used in Program and CommandLine alone; no file imports all of Foundation"
    )
    func surroundings() throws {
        let rooms = ["CommandLine", "Program", "pulih", "pulih-bench"]
        // Where the service manager hands secrets over is part of what a configured file is.
        let credentials = "Sources/Configuration/SecretFile.swift"
        for room in try tree.folders(in: "Sources") where !rooms.contains(room) {
            for file in try tree.swiftFiles(in: "Sources/\(room)") {
                let text = try tree.text(file)
                for word in ["getenv(", "CommandLine.arguments", "print(", "ProcessInfo"] {
                    if file == credentials && word == "getenv(" { continue }
                    #expect(!text.contains(word), "\(file) holds \(word)")
                }
            }
        }
        for file in try tree.swiftFiles(in: "Sources") {
            #expect(!(try tree.imports(of: file).contains("Foundation")), "\(file) imports Foundation")
        }
    }

    @Test(
        "The store imports each engine in one folder, and nothing else of it knows which engine it runs on",
        arguments: ["SQLite", "PostgreSQL"])
    func engine(_ name: String) throws {
        let importing = try tree.swiftFiles(in: "Sources/Store").filter { try tree.imports(of: $0).contains(name) }
        #expect(!importing.isEmpty)
        #expect(importing.allSatisfy { $0.hasPrefix("Sources/Store/\(name)Engine/") }, "\(importing)")
    }

    @Test("SQL stands in Store and in the rooms of the engines alone")
    func sql() throws {
        let pattern = try Regex(#""[^"]*\b(SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b"#)
        for room in try tree.folders(in: "Sources")
        where !["Store", "SQL", "SQLite", "PostgreSQL", "pulih-bench"].contains(room) {
            for file in try tree.swiftFiles(in: "Sources/\(room)") {
                let text = try tree.text(file)
                #expect(text.firstMatch(of: pattern) == nil, "\(file) holds SQL")
            }
        }
    }
}
