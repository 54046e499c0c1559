package import Cryptography
package import Domain
import Threading

// Worker: takes jobs from the store, prepares and delivers their mails through a courier, and settles them. It knows no
// SQL and no SMTP. Begin here, then `Dispatcher` and `QueueTransaction`.

/// Takes jobs from the queue and sees them through: claim, validate, render, deliver, settle.
///
/// One dispatcher thread speaks with the store; each lane is a thread with a courier of its own. The dispatcher settles
/// what the lanes report, promotes what is due, takes back lapsed leases and claims the next batch in one commit.
package final class Worker: Sendable {
    package struct Settings: Sendable {
        /// Names this worker in the queue: host and process.
        package let name: String
        package let lanes: Int
        package let lease: TimeSpan
        /// How long finished jobs are kept.
        package let keep: TimeSpan

        package init(name: String, lanes: Int, lease: TimeSpan, keep: TimeSpan = .days(30)) {
            self.name = name
            self.lanes = lanes
            self.lease = lease
            self.keep = keep
        }
    }

    /// What mails are made with and sent by. It can be exchanged while the worker works.
    package struct Equipment: Sendable {
        let preparer: JobPreparer
        let templates: MailTemplates
        let courier: @Sendable () -> any Courier

        /// - Parameter courier: makes the courier of one lane; called on the lane's thread.
        package init(
            preparer: JobPreparer, templates: MailTemplates, courier: @escaping @Sendable () -> any Courier
        ) {
            self.preparer = preparer
            self.templates = templates
            self.courier = courier
        }
    }

    private let queue = DeliveryQueue()
    private let equipment: CurrentEquipment
    private let dispatcher: Thread
    private let lanes: [Thread]

    /// Starts working immediately.
    package init(
        _ settings: Settings, store: any Store, equipment: Equipment, clock: any Clock, random: any RandomSource,
        logger: any Logger
    ) {
        let (queue, equipment) = (queue, CurrentEquipment(equipment))
        self.equipment = equipment
        lanes = (0..<settings.lanes).map { number in
            Thread(name: "pulih-lane-\(number)") {
                Sender(queue: queue, equipment: equipment, clock: clock).run()
            }
        }
        dispatcher = Thread(name: "pulih-dispatch") {
            Dispatcher(
                settings: settings, queue: queue, store: store, equipment: equipment, clock: clock,
                random: random, logger: logger
            ).run()
        }
    }

    /// Takes other equipment: for the next claim, and in each lane for its next mail. What is under way ends as it began.
    package func exchange(_ equipment: Equipment) { self.equipment.exchange(equipment) }

    /// Wakes the dispatcher; does not block.
    package func wake() { queue.wake() }

    /// Grows at least once a second while the dispatcher is alive.
    package var cycles: Int { queue.cycles }

    /// Claims nothing more, lets the mails under way finish and settles them. A mail that takes longer than the
    /// dispatcher waits is left to its lease: another worker takes it up.
    package func stop() {
        queue.stop()
        dispatcher.join()
        queue.close()
        // Idle lanes end immediately and close their connection; a lane that still waits for the relay is not waited for.
        if queue.busy == 0 {
            for lane in lanes { lane.join() }
        }
    }
}

/// One thread that sends one mail after another over one connection.
struct Sender {
    let queue: DeliveryQueue
    let equipment: CurrentEquipment
    let clock: any Clock

    func run() {
        var (version, own) = equipment.newest
        var courier = own.courier()
        while let task = queue.nextTask() {
            let newest = equipment.newest
            if newest.version != version {
                (version, own) = newest
                courier = own.courier()
            }
            let startedAt = clock.now()
            let delivery = deliver(task, courier, own.templates)
            queue.finish(DeliveryResult(task: task, attempt: .init(startedAt: startedAt, delivery: delivery)))
        }
    }

    private func deliver(_ task: DeliveryTask, _ courier: any Courier, _ templates: MailTemplates) -> Delivery {
        let mail = task.mail()
        guard let mail = templates.render(mail, requestID: task.job.requestID) else {
            let words = "there is no template \(mail.template.rawValue) in \(mail.language.rawValue)"
            return Delivery(
                outcome: .permanent, stage: "render", code: nil, reply: words, explanation: words, seconds: 0,
                reusedConnection: false)
        }
        return courier.deliver(mail)
    }
}
