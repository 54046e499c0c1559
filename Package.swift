// swift-tools-version: 6.2
import PackageDescription

// One target a room; which room may import which is told in `rooms` below and held by ArchitectureTests.
// No Swift packages: what Pulih does not exist for comes from C libraries that Debian keeps.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Rooms that touch no C library also prove that they hold no unsafe code.
let strictAndSafe = strict + [.strictMemorySafety()]

/// A C library that comes in as a module map and a header of typed shims, nothing else.
func library(_ name: String, pkgConfig: String, debian: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([debian])])
}

func room(
    _ name: String, _ dependencies: [String] = [], resources: [Resource] = [],
    settings: [SwiftSetting] = strictAndSafe
) -> Target {
    .target(
        name: name,
        dependencies: dependencies.map { .byName(name: $0) },
        path: "Sources/\(name)",
        resources: resources,
        swiftSettings: settings)
}

func tests(_ room: String, _ dependencies: [String] = []) -> Target {
    .testTarget(
        name: "\(room)Tests",
        dependencies: Set([room, "Support", "Threading"] + dependencies).sorted().map { .byName(name: $0) },
        path: "Tests/\(room)Tests",
        swiftSettings: strict)
}

let libraries: [Target] = [
    // The queue and all state.
    library("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
    // The same on several machines; PostgreSQL's own client library, with its way of addresses, passwords, TLS and failover.
    library("CPostgreSQL", pkgConfig: "libpq", debian: "libpq-dev"),
    // SMTP with TLS, AUTH and MIME.
    library("CCurl", pkgConfig: "libcurl", debian: "libcurl4-openssl-dev"),
    // HTTP/1.1 server; a parser of our own would be a liability.
    library("CMicroHTTPD", pkgConfig: "libmicrohttpd", debian: "libmicrohttpd-dev"),
    // HMAC, SHA, AES-256-GCM and random bytes, from the TLS library that libcurl brings anyway.
    library("COpenSSL", pkgConfig: "libcrypto", debian: "libssl-dev"),
    // argon2id, OWASP's first choice for passwords; writes and reads PHC strings itself.
    library("CArgon2", pkgConfig: "libargon2", debian: "libargon2-dev"),
    // Verifies the bcrypt, sha512crypt and yescrypt hashes of imported accounts, as the system they come from did.
    library("CCrypt", pkgConfig: "libcrypt", debian: "libcrypt-dev"),
    // The standard QR encoder; drawn as inline SVG.
    library("CQREncode", pkgConfig: "libqrencode", debian: "libqrencode-dev"),
    // Two things Linux offers that Swift does not see, being variadic or GNU's own: a thread's name, a process's privacy.
    .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
    // JWS and JWK, as mod_auth_openidc reads and writes them: signatures of tokens are not put together by hand. Linked by
    // its module map: its pkg-config file asks for that of jansson, on whose package Debian's does not depend.
    .systemLibrary(name: "CJose", path: "Sources/CJose", providers: [.apt(["libcjose-dev"])]),
    // Text paths and transforms for the captcha picture.
    library("CCairo", pkgConfig: "cairo", debian: "libcairo2-dev"),
    // Writes that picture four times as fast as cairo, which offers no setting for it but writes with this library too.
    library("CPNG", pkgConfig: "libpng", debian: "libpng-dev"),
]

let rooms: [Target] = [
    room("Threading", ["CLinux"], settings: strict),
    room("SQL"),
    room("SQLite", ["CSQLite", "SQL"], settings: strict),
    room("PostgreSQL", ["CPostgreSQL", "SQL", "Threading"], settings: strict),
    room("Curl", ["CCurl"], settings: strict),
    room("SMTP", ["Curl", "Threading"], settings: strict),
    room("HTTPClient", ["Curl", "Threading"], settings: strict),
    room("OAuth", ["HTTPClient", "SMTP", "Threading"], settings: strict),
    room("HTTPServer", ["CMicroHTTPD", "Threading"], settings: strict),
    room("Cryptography", ["COpenSSL", "CArgon2", "CCrypt", "Threading"], settings: strict),
    room("JOSE", ["CJose", "Cryptography"], settings: strict),
    room("Spelling"),
    room("JSON", settings: strict),
    room("MIME"),
    room("Bounces", ["MIME"]),
    room("Mustache", ["Spelling"]),
    room("Pictures", ["CQREncode", "CCairo", "CPNG"], settings: strict),
    room("Domain", ["Cryptography"]),
    room("Store", ["Domain", "PostgreSQL", "SQL", "SQLite", "Threading"], settings: strict),
    room("Worker", ["Domain", "Mustache", "Threading"]),
    room("Pages", ["Cryptography", "Domain", "Mustache", "HTTPServer"]),
    room("Portal", ["Cryptography", "Domain", "Mustache", "HTTPServer", "Pages", "Pictures", "Threading"]),
    room("Operations", ["Cryptography", "Domain", "Mustache", "HTTPServer", "Pages"]),
    room("ApplicationAPI", ["Cryptography", "Domain", "HTTPServer", "JSON", "Pictures", "Spelling"]),
    room("OpenID", ["Cryptography", "Domain", "HTTPServer", "JOSE", "JSON"]),
    room("CommandLine", ["Domain", "Spelling", "Threading"], settings: strict),
    room("Benchmarks", ["CommandLine", "JSON", "Spelling"]),
    room(
        "Configuration",
        [
            "Cryptography", "Domain", "HTTPClient", "HTTPServer", "JOSE", "JSON", "OAuth", "PostgreSQL", "SMTP",
            "Spelling",
            "Threading",
        ],
        settings: strict),
    room(
        "Demo",
        [
            "CommandLine", "Configuration", "Cryptography", "Domain", "HTTPServer", "MIME", "Mustache", "Operations",
            "Pages",
        ],
        settings: strict),
    room(
        "Program",
        [
            "Bounces", "PostgreSQL", "SMTP", "HTTPClient", "HTTPServer", "JOSE", "Cryptography", "Mustache", "Pictures",
            "Domain",
            "Store",
            "Spelling", "Threading", "Worker", "Pages", "Portal", "Operations", "ApplicationAPI", "OpenID",
            "CommandLine",
            "Configuration", "Demo",
        ], resources: [.embedInCode("Manuals/Pages")], settings: strict),
]

let programs: [Target] = [
    .executableTarget(name: "pulih", dependencies: ["Program"], path: "Sources/pulih", swiftSettings: strict),
    .executableTarget(
        name: "pulih-bench",
        dependencies: [
            "Benchmarks", "CommandLine", "Cryptography", "Curl", "Domain", "HTTPServer", "JOSE", "JSON", "MIME",
            "Pictures", "PostgreSQL", "SQL", "SQLite", "Store", "Threading",
        ],
        path: "Sources/pulih-bench", resources: [.embedInCode("Peers")], swiftSettings: strict),
]

let suites: [Target] = [
    .target(
        name: "Support", dependencies: ["Cryptography", "Domain", "Store", "Threading"], path: "Tests/Support",
        swiftSettings: strict),
    .testTarget(
        name: "ArchitectureTests", dependencies: [], path: "Tests/ArchitectureTests", swiftSettings: strict),
    .testTarget(
        name: "SupportTests", dependencies: ["Support", "Threading"], path: "Tests/SupportTests", swiftSettings: strict),
    tests("Threading"),
    tests("SQLite", ["SQL"]),
    tests("SMTP", ["Threading"]),
    tests("HTTPClient"),
    tests("JSON"),
    tests("OAuth", ["SMTP"]),
    tests("HTTPServer"),
    tests("Cryptography"),
    tests("JOSE", ["Cryptography"]),
    tests("Mustache"),
    tests("MIME"),
    tests("Bounces", ["MIME"]),
    tests("Pictures"),
    tests("Domain", ["Cryptography", "Store"]),
    tests("Store", ["Cryptography", "Domain", "PostgreSQL", "SQL", "SQLite", "Threading"]),
    tests("Worker", ["Cryptography", "Domain", "Mustache", "Operations", "SQL", "Store"]),
    tests("Portal", ["Cryptography", "Domain", "HTTPServer", "Mustache", "Pages", "Pictures", "Store"]),
    tests("Operations", ["Cryptography", "Domain", "HTTPServer", "Mustache", "Pages", "SQL", "SQLite", "Store"]),
    tests("ApplicationAPI", ["Cryptography", "Domain", "HTTPServer", "Store"]),
    tests("OpenID", ["Cryptography", "Domain", "HTTPServer", "JOSE", "JSON", "Store"]),
    tests("CommandLine"),
    tests("Benchmarks", ["CommandLine", "JSON"]),
    tests("Configuration", ["Cryptography", "Domain", "JOSE"]),
    tests("Demo", ["Domain", "HTTPServer", "MIME", "Pages"]),
    tests(
        "Program",
        ["CommandLine", "Configuration", "Cryptography", "Domain", "Operations", "Pictures", "SMTP", "Store"]),
    .testTarget(
        name: "EndToEnd", dependencies: ["pulih", "Support", "Domain", "Cryptography", "Pictures", "Threading"],
        path: "Tests/EndToEnd",
        swiftSettings: strict),
]

let package = Package(name: "pulih", targets: libraries + rooms + programs + suites)
