package import Cryptography
package import Domain
import Threading

/// Takes jobs from the queue and sees them through: claim, validate, render, deliver, settle.
///
/// One dispatcher thread speaks with the store; each lane is a thread with a courier of its own. The dispatcher settles
/// what the lanes report, promotes what is due, takes back lapsed leases and claims the next batch in one commit.
package final class Worker: Sendable {
    package struct Settings: Sendable {
        /// Names this worker in the queue: host and process.
        package let name: String
        package let lanes: Int
        package let lease: Span
        /// How long finished jobs are kept.
        package let keep: Span

        package init(name: String, lanes: Int, lease: Span, keep: Span = .days(30)) {
            self.name = name
            self.lanes = lanes
            self.lease = lease
            self.keep = keep
        }
    }

    private let floor = Floor()
    private let dispatcher: Thread
    private let lanes: [Thread]

    /// Starts working at once.
    /// - Parameter courier: makes the courier of one lane; called on the lane's thread.
    package init(
        _ settings: Settings, storage: any Storage, preparation: Preparation, templates: MailTemplates,
        clock: any Clock, random: any RandomSource, journal: any Journal,
        courier: @escaping @Sendable () -> any Courier
    ) {
        let floor = floor
        lanes = (0..<settings.lanes).map { number in
            Thread(name: "pulih-lane-\(number)") {
                Lane(floor: floor, courier: courier(), templates: templates, clock: clock).run()
            }
        }
        dispatcher = Thread(name: "pulih-dispatch") {
            Dispatcher(
                settings: settings, floor: floor, storage: storage, preparation: preparation, clock: clock,
                random: random, journal: journal
            ).run()
        }
    }

    /// Says that there may be work; returns at once.
    package func ring() { floor.ring() }

    /// Grows at least once a second while the dispatcher is alive.
    package var turns: Int { floor.turns }

    /// Claims nothing more, lets the mails under way finish and settles them. A mail that takes longer than the
    /// dispatcher waits is left to its lease: another worker takes it up.
    package func stop() {
        floor.stop()
        dispatcher.join()
        floor.close()
        // Idle lanes end at once and part from the relay politely; one that still waits for it is not waited for.
        if floor.busy == 0 {
            for lane in lanes { lane.join() }
        }
    }
}

/// One thread that sends one mail after another over one connection.
struct Lane {
    let floor: Floor
    let courier: any Courier
    let templates: MailTemplates
    let clock: any Clock

    func run() {
        while let errand = floor.next() {
            let startedAt = clock.now()
            floor.done(Report(errand: errand, trial: .init(startedAt: startedAt, delivery: deliver(errand))))
        }
    }

    private func deliver(_ errand: Errand) -> Delivery {
        let letter = errand.letter()
        guard let mail = templates.write(letter, requestID: errand.job.requestID) else {
            let words = "there is no template \(letter.template.rawValue) in \(letter.language.rawValue)"
            return Delivery(
                verdict: .permanent, stage: "render", code: nil, reply: words, explanation: words, seconds: 0,
                reusedConnection: false)
        }
        return courier.deliver(mail)
    }
}
