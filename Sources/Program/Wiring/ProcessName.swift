import Cryptography
import Domain
import Glibc

/// The machine, as far as the program must know it.
enum ProcessorCount {
    static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

/// How this process is told from others.
enum ProcessName {
    /// Host and process, and a few digits of its own, since machines that were copied may share both: `otp1:4711-3f2a`.
    static let current = "\(host):\(getpid())-\(digits)"

    /// Who runs it, for the audit log.
    static var user: String {
        getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
    }

    private static var digits: String {
        SystemRandom().bytes(2).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Operator {
    /// Who runs this command.
    static var commandLine: Operator { Operator(name: "operator:\(ProcessName.user)", address: nil) }
}
