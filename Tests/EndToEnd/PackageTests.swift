import Foundation
import Glibc
import Support
import Testing

/// The Debian package, made from the program under test. What it does on a machine is shown by `config/debian/check`.
@Suite("Debian package", .serialized)
struct PackageTests {
    /// The program under test has the toolchain's folder written into it; the one that `build` itself makes has not.
    private static let toleratedTags = "custom-library-search-path"

    private let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized.path
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Runs the build script of the project, or a copy of it, into `output`.
    private func build(
        script: String? = nil, output: String, environment: [String: String] = [:]
    ) throws -> Subprocess.Finished {
        try Subprocess.run(
            script ?? "\(root)/config/debian/build",
            ["--binary", try Binary.path(named: "pulih"), "--output", folder.file(output)],
            environment: environment.merging(["DPKG_DEB_COMPRESSOR_LEVEL": "0"]) { $1 }, timeout: .seconds(60))
    }

    private func package(output: String = "package", environment: [String: String] = [:]) throws -> String {
        let finished = try build(output: output, environment: environment)
        try #require(finished.exit == .code(0), "\(finished.error)")
        return finished.output.trimmed
    }

    /// The files below a folder of the project, as paths from that folder; none when there is no such folder.
    private func files(in name: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: "\(root)/\(name)")?.compactMap { $0 as? String } ?? []
        return found.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(root)/\(name)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }

    @Test("It holds what Pulih needs, owned by root, runs from where it is unpacked, and lintian finds no fault")
    func content() throws {
        let package = try package()
        let version = try Subprocess.output(of: try Binary.path(named: "pulih"), ["version"]).trimmed
        #expect(try Subprocess.output(of: "dpkg-deb", ["--field", package, "Version"]).trimmed == version.dropFirst(6))

        var modes: [String: String] = [:]
        for line in try Subprocess.output(of: "dpkg-deb", ["--contents", package]).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true).map(String.init)
            #expect(words[1] == "root/root", "\(line)")
            modes[String(words[5].dropFirst())] = words[0]
        }
        for (path, mode) in modes {
            let fitting = path.hasSuffix("/") ? "drwxr-xr-x" : path == "/usr/bin/pulih" ? "-rwxr-xr-x" : "-rw-r--r--"
            #expect(mode == fitting, "\(path)")
        }
        let places = [
            ("templates", "/usr/share/pulih/templates"), ("config/systemd", "/lib/systemd/system"),
            ("config/system-preset", "/usr/lib/systemd/system-preset"),
            ("config/sysusers.d", "/usr/lib/sysusers.d"), ("config/tmpfiles.d", "/usr/lib/tmpfiles.d"),
            ("config/nginx", "/usr/share/doc/pulih/examples/nginx"),
            ("config/prometheus", "/usr/share/doc/pulih/examples/prometheus"),
            ("config/grafana", "/usr/share/doc/pulih/examples/grafana"),
            ("config/examples", "/usr/share/doc/pulih/examples/application"),
        ]
        let fixed = [
            "/usr/bin/pulih", "/usr/share/pulih/config/pulih.json5", "/usr/share/man/man1/pulih.1.gz",
            "/usr/share/man/man5/pulih.json5.5.gz", "/usr/share/bash-completion/completions/pulih",
            "/usr/share/zsh/vendor-completions/_pulih", "/usr/share/fish/vendor_completions.d/pulih.fish",
            "/usr/share/doc/pulih/copyright", "/usr/share/doc/pulih/changelog.gz", "/usr/share/doc/pulih/README.md",
        ]
        let pages = files(in: "Sources/Program/Manuals/Pages").map { file in
            let page = file.dropLast(".md".count)
            return "/usr/share/man/man\(page.suffix(1))/\(page).gz"
        }
        #expect(pages.count > 5)
        for path in fixed + pages + places.flatMap({ place in files(in: place.0).map { "\(place.1)/\($0)" } }) {
            #expect(modes[path] != nil, "\(path) is missing")
        }

        let unpacked = folder.file("unpacked")
        try Subprocess.output(of: "dpkg-deb", ["--raw-extract", package, unpacked])
        try Subprocess.output(of: "md5sum", ["--check", "--quiet", "DEBIAN/md5sums"], folder: unpacked)
        for script in ["postinst", "prerm", "postrm"] {
            let text = try folder.read("unpacked/DEBIAN/\(script)")
            #expect(text.firstMatch(of: /@[A-Z]+@/) == nil, "\(script) is not filled in")
            try Subprocess.output(of: "sh", ["-n", "\(unpacked)/DEBIAN/\(script)"])
        }
        let made = try Subprocess.output(of: "\(unpacked)/usr/bin/pulih", ["init", folder.file("etc")])
        #expect(made.contains("Written:"))
        let ports = try FreePort.adjacent(6)
        let demo = try Subprocess(
            "\(unpacked)/usr/bin/pulih", ["demo", "--port", "\(ports[0].number)"], environment: ["TMPDIR": folder.path])
        for place in [
            "Application  http://127.0.0.1:\(ports[3].number)/",
            "Notice board http://papan.localhost:\(ports[4].number)/",
        ] {
            try demo.waitForLine(timeout: .seconds(60)) { $0.contains(place) }
        }
        demo.signal(SIGINT)
        #expect(try demo.waitForExit(timeout: .seconds(20)) == .code(0))

        let lint = try Subprocess.run(
            "lintian",
            ["--allow-root", "--fail-on", "error,warning", "--suppress-tags", Self.toleratedTags, package])
        #expect(lint.exit == .code(0), "\(lint.output)\(lint.error)")
    }

    @Test(
        "The same sources give the same bytes, wherever and whenever; another version than the changelog's is refused")
    func reproducible() throws {
        let elsewhere = folder.file("elsewhere")
        try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: false)
        let first = try package(output: "first")
        let second = try package(output: "second", environment: ["TMPDIR": elsewhere, "TZ": "Asia/Jakarta"])
        try Subprocess.output(of: "cmp", [first, second])

        try FileManager.default.createDirectory(atPath: folder.file("config"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: "\(root)/config/debian", toPath: folder.file("config/debian"))
        try folder.write(
            try folder.read("config/debian/changelog").replacing(/\([0-9.]+\)/, with: "(98.7)"),
            to: "config/debian/changelog")
        let refused = try build(script: folder.file("config/debian/build"), output: "third")
        #expect(refused.exit == .code(1))
        #expect(refused.error.contains("the program says") && refused.error.contains("changelog says 98.7"))
    }

    @Test("shellcheck finds nothing in the scripts")
    func scripts() throws {
        let scripts = ["build", "check", "boot", "boot-scenario", "postinst", "prerm", "postrm"]
            .map { "\(root)/config/debian/\($0)" }
        let finished = try Subprocess.run("shellcheck", scripts)
        #expect(finished.exit == .code(0), "\(finished.output)")
    }
}
