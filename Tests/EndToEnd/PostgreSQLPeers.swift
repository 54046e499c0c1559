import Foundation
import Glibc
import Support

/// Something that takes connections on a port of the loopback and calls itself PostgreSQL 14.9, or says nothing at all.
final class OldServer: Sendable {
    let port: UInt16
    private let process: Subprocess

    init(isSilent: Bool = false) throws {
        process = try Subprocess("/usr/bin/python3", ["-c", Self.program, isSilent ? "silent" : "old"])
        let line = try process.waitForLine { $0.hasPrefix("port ") }
        port = UInt16(line.text.dropFirst(5)) ?? 0
    }

    /// PostgreSQL's documentation, section 55.7: an answer to the request for TLS, then the start of a session.
    private static let program = #"""
        import socket, struct, sys, threading

        def serve(client):
            with client:
                while True:
                    head = client.recv(8)
                    if len(head) < 8:
                        return
                    length, code = struct.unpack("!II", head)
                    client.recv(length - 8) if length > 8 else None
                    if code in (80877103, 80877104):
                        client.sendall(b"N")
                        continue
                    setting = b"server_version\x0014.9\x00"
                    client.sendall(b"R" + struct.pack("!II", 8, 0) + b"S" + struct.pack("!I", len(setting) + 4) + setting
                                   + b"Z" + struct.pack("!I", 5) + b"I")
                    client.recv(1024)
                    return

        server = socket.create_server(("127.0.0.1", 0))
        print("port", server.getsockname()[1], flush=True)
        kept = []
        while True:
            client, _ = server.accept()
            if sys.argv[1] == "silent":
                kept.append(client)
            else:
                threading.Thread(target=serve, args=(client,), daemon=True).start()
        """#
}

/// A real standby of a peer, which streams its log.
final class PostgreSQLStandby: Sendable {
    let port: UInt16
    private let reservation: FreePort
    private let server: Subprocess

    init(of primary: PostgreSQLPeer, named name: String) throws {
        reservation = try FreePort()
        port = reservation.number
        let data = "\(primary.folder)/\(name)"
        let connection = "\(primary.url("postgres"))?application_name=\(name)"
        try Subprocess.output(
            of: "env",
            PostgreSQLPeer.command(
                "pg_basebackup", ["-D", data, "-R", "--checkpoint=fast", "--no-sync", "-d", connection]))
        server = try Subprocess(
            "env", PostgreSQLPeer.command("postgres", ["-D", data, "-c", "port=\(port)"]))
        try server.waitForLine(timeout: .seconds(30)) { $0.contains("ready to accept read-only connections") }
        try server.waitForLine(timeout: .seconds(30)) { $0.contains("started streaming WAL") }
    }

    func stop() throws {
        server.signal(SIGINT)
        try server.waitForExit(timeout: .seconds(30))
    }
}

/// A long way to a peer: each word takes this long, in either direction.
final class LongWay: Sendable {
    let port: UInt16
    private let process: Subprocess

    init(to peer: PostgreSQLPeer, milliseconds: Int) throws {
        process = try Subprocess("/usr/bin/python3", ["-c", Self.program, "\(peer.port)", "\(milliseconds)"])
        let line = try process.waitForLine { $0.hasPrefix("port ") }
        port = UInt16(line.text.dropFirst(5)) ?? 0
    }

    private static let program = """
        import asyncio, sys

        async def carry(reader, writer):
            clock, waiting = asyncio.get_running_loop(), asyncio.Queue()

            async def deliver():
                while True:
                    due, words = await waiting.get()
                    await asyncio.sleep(max(0, due - clock.time()))
                    if not words:
                        return writer.close()
                    writer.write(words)

            delivery = asyncio.create_task(deliver())
            words = b"x"
            while words:
                words = await reader.read(65536)
                await waiting.put((clock.time() + int(sys.argv[2]) / 1000, words))
            await delivery

        async def serve(reader, writer):
            there = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
            await asyncio.gather(carry(reader, there[1]), carry(there[0], writer))

        async def main():
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            print("port", server.sockets[0].getsockname()[1], flush=True)
            await server.serve_forever()

        asyncio.run(main())
        """
}

/// A real pool of connections before a peer.
final class PgBouncer: Sendable {
    let port: UInt16
    private let reservation: FreePort
    private let process: Subprocess

    /// - Parameter mode: for how long it lends a session: `session`, `transaction`, `statement`.
    init(before peer: PostgreSQLPeer, mode: String) throws {
        reservation = try FreePort()
        port = reservation.number
        let file = "\(peer.folder)/pgbouncer-\(mode).ini"
        let text = """
            [databases]
            * = host=127.0.0.1 port=\(peer.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = \(mode)

            """
        // Any user is let through as this one.
        let settings = text.replacingOccurrences(of: "port=\(peer.port)", with: "port=\(peer.port) user=pulih")
        try settings.write(toFile: file, atomically: true, encoding: .utf8)
        guard FileManager.default.isExecutableFile(atPath: "/usr/sbin/pgbouncer") else {
            throw SupportFailure("PgBouncer is missing; it comes with: apt-get install -y pgbouncer")
        }
        process = try Subprocess("env", PostgreSQLPeer.account + ["/usr/sbin/pgbouncer", file])
        try process.waitForLine(timeout: .seconds(30)) { $0.contains("process up") }
    }
}
