import Domain
import Glibc
import Store

/// An idle installation: how soon it serves, how long a single request takes from its commit by another process to the
/// relay's answer, what it holds in memory and what it costs to wait.
enum Idle {
    private static let requests = 300

    static func run(_ folder: WorkFolder) throws {
        let port = Sink.port()
        let sink = try Sink.start(folder, port: port)
        defer { sink.stop() }
        let installation = try Installation(folder, relayPort: port, lanes: 4, accounts: requests)
        var starts: [Double] = []
        for _ in 0..<5 {
            let (log, start) = (folder.fresh("start"), ContinuousClock.now)
            let service = try installation.start("serve", log: log)
            try waitUntilServing(port: installation.portalPort)
            starts.append(Double((ContinuousClock.now - start) / .microseconds(1)) / 1000)
            service.stop()
        }
        printLine("idle: from exec to the first answer \(whole(median(starts))) ms")

        let service = try installation.start("serve", log: folder.fresh("serve"))
        defer { service.stop() }
        try waitUntilServing(port: installation.portalPort)
        let database = try installation.openDatabase()
        defer { database.close() }
        var waits: [Double] = []
        for number in 1...requests {
            // What the one before leaves to do is over: the worker's own commits wake it too.
            usleep(useconds_t.random(in: 10_000..<20_000))
            let job = try Installation.request(number)
            let id = try database.write { try $0.enqueue(job) }
            let start = ContinuousClock.now
            while try database.read({ try $0.job(id: id)?.state }) != .done { usleep(50) }
            waits.append(Double((ContinuousClock.now - start) / .microseconds(1)) / 1000)
        }
        printLine(
            "idle: commit by another process to settled mail p50 \(hundredths(percentile(waits, 0.5))) ms, "
                + "p99 \(hundredths(percentile(waits, 0.99))) ms")
        let before = processorTime(service.process)
        usleep(5_000_000)
        let used = Double(processorTime(service.process) - before) / Double(sysconf(Int32(_SC_CLK_TCK)))
        printLine("idle: \(hundredths(used / 5 * 100)) % of a core, resident \(service.memory("VmRSS") / 1024) MiB")
    }

    private static func waitUntilServing(port: Int) throws {
        for _ in 0..<10_000 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(port)).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            let isOpen = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isOpen {
                let request = Array("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
                _ = request.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                var answer = [UInt8](repeating: 0, count: 12)
                if read(descriptor, &answer, 12) == 12 { return }
            }
            usleep(200)
        }
        throw BenchFailure("the portal never answered")
    }

    /// User and system time of a process in clock ticks (proc(5), fields 14 and 15 of stat).
    private static func processorTime(_ process: pid_t) -> Int {
        let descriptor = open("/proc/\(process)/stat", O_RDONLY)
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = read(descriptor, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 13 else { return 0 }
        return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
    }
}
