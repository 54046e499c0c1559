import Foundation
import Glibc
import Support
import Testing

/// Workers on several machines, each of which has a host name and process numbers of its own.
@Suite
struct MachineNameTests {
    @Test("Operators see which machine each worker is on, also where one was copied, and which has fallen silent")
    func machines() throws {
        let installation = try Installation()
        let workers = try ["otp-a", "otp-a", "otp-b"].map { try worker(on: $0, installation) }
        let names = try Eventually.value("three workers have reported", timeout: .seconds(20)) {
            let names = try installation.execute("SELECT id FROM worker ORDER BY id").split(separator: "\n")
            return names.count == 3 ? names.map(String.init) : nil
        }
        #expect(names.allSatisfy { $0.contains(/^otp-[ab]:1-[0-9a-f]{4}$/) }, "\(names)")
        #expect(names.filter { $0.hasPrefix("otp-a:") }.count == 2)

        workers[2].process.signal(SIGKILL)
        try workers[2].process.waitForExit()
        // Four reports that did not come.
        try installation.execute("UPDATE worker SET heartbeat_at = heartbeat_at - 70000 WHERE id LIKE 'otp-b%'")
        let status = try installation.succeed("queue", "status")
        #expect(status.contains(try Regex(#"otp-b:1-[0-9a-f]{4}: silent, heartbeat \d+ (s|min) ago"#)), "\(status)")
        #expect(status.contains(try Regex(#"otp-a:1-[0-9a-f]{4}: heartbeat \d+ s ago"#)), "\(status)")
        let page = try HTTPClient(port: workers[0].operations.number).get("/?lang=en").text
        for name in names {
            let row = try #require(page.components(separatedBy: ">\(name)</td>").dropFirst().first)
            let cell = row.components(separatedBy: "</tr>")[0]
            #expect(cell.contains(name.hasPrefix("otp-b") ? "state-dead" : "state-on"), "\(name): \(cell)")
        }
    }

    private func worker(
        on host: String, _ installation: Installation
    ) throws -> (process: Subprocess, operations: FreePort) {
        let operations = try FreePort()
        let configuration = try installation.folder.read("pulih.json5").replacingOccurrences(
            of: "127.0.0.1:\(installation.operations.number)", with: "127.0.0.1:\(operations.number)")
        let file = try installation.folder.write(configuration, to: "\(operations.number).json5")
        let user = geteuid() == 0 ? [] : ["--map-root-user"]
        let process = try Subprocess(
            "unshare",
            user + [
                "--uts", "--pid", "--fork", "--kill-child", "sh", "-c", #"hostname "$0" && exec "$@""#, host,
                try Binary.path(named: "pulih"), "worker", "--config", file,
            ])
        try process.waitForLine(timeout: .seconds(20)) { $0.contains("event=service.started") }
        return (process, operations)
    }
}
