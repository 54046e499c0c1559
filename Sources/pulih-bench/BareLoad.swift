import Curl
import Glibc
import Threading

/// libcurl alone, a handle in each of many threads, sending the same mail over and over.
enum BareLoad {
    /// - Returns: mails a second, and the CPU of the sending threads a mail in microseconds.
    static func send(
        _ mail: CapturedMail, count: Int, threads: Int, port: Int, messagesPerConnection: Int
    ) throws -> (rate: Double, processorTime: Double) {
        let (used, failed) = (Monitor(0.0), Monitor(0))
        let share = count / threads
        let time = seconds {
            let all = (0..<threads).map { number in
                Thread(name: "sender-\(number)") {
                    let start = threadTime()
                    let failures = sendAlone(mail, count: share, port, messagesPerConnection)
                    // Closing the connection is counted too: the handle is gone here.
                    used.withLock { $0 += threadTime() - start }
                    failed.withLock { $0 += failures }
                }
            }
            for thread in all { thread.join() }
        }
        guard failed.withLock({ $0 }) == 0 else { throw BenchFailure("libcurl alone could not send a mail") }
        let sent = Double(share * threads)
        return (sent / time, used.withLock { $0 } / sent * 1e6)
    }

    /// - Returns: how many mails the relay has not taken.
    private static func sendAlone(_ mail: CapturedMail, count: Int, _ port: Int, _ limit: Int) -> Int {
        guard let sender = sender(of: mail, to: port, limit) else { return count }
        return (0..<count).count { _ in !sender.send() }
    }

    static func sender(of mail: CapturedMail, to port: Int, _ messagesPerConnection: Int) -> BareSender? {
        BareSender(
            port: port, from: CapturedMail.sender, to: Installation.address(1), message: mail.bytes,
            messagesPerConnection: messagesPerConnection)
    }
}
