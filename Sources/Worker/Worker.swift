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
        /// Senders in all. Those above `lanes` send urgent mail while all others wait for the relay.
        package let maxLanes: Int
        package let lease: TimeSpan
        /// How long a connection is kept without a mail.
        package let idleTimeout: TimeSpan
        /// How long finished jobs are kept.
        package let keep: TimeSpan

        package init(
            name: String, lanes: Int, maxLanes: Int? = nil, lease: TimeSpan, idleTimeout: TimeSpan = .seconds(30),
            keep: TimeSpan = .days(30)
        ) {
            self.name = name
            self.lanes = lanes
            self.maxLanes = max(lanes, maxLanes ?? lanes)
            self.lease = lease
            self.idleTimeout = idleTimeout
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

    private let queue: DeliveryQueue
    private let equipment: CurrentEquipment
    private let dispatcher: Thread
    private let senders: [Thread]

    /// Starts working immediately.
    package init(
        _ settings: Settings, store: any Store, equipment: Equipment, clock: any Clock, random: any RandomSource,
        logger: any Logger
    ) {
        let (queue, equipment) = (DeliveryQueue(senders: settings.lanes), CurrentEquipment(equipment))
        self.queue = queue
        self.equipment = equipment
        senders = (0..<settings.maxLanes).map { number in
            Thread(name: "pulih-lane-\(number)") {
                Sender(
                    number: number, queue: queue, equipment: equipment, clock: clock,
                    idleTimeout: .milliseconds(settings.idleTimeout.milliseconds)
                ).run()
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
        if queue.activity.busy == 0 {
            for sender in senders { sender.join() }
        }
    }
}

/// One thread that sends one mail after another over one connection.
struct Sender {
    let number: Int
    let queue: DeliveryQueue
    let equipment: CurrentEquipment
    let clock: any Clock
    let idleTimeout: Duration

    func run() {
        var (version, own) = equipment.newest
        var courier = makeCourier(own)
        var isIdle = true
        while true {
            switch queue.nextTask(for: number, timeout: isIdle ? nil : idleTimeout) {
            case .task(let task):
                let newest = equipment.newest
                if newest.version != version {
                    (version, own) = newest
                    courier = makeCourier(own)
                }
                let startedAt = clock.now()
                let delivery = deliver(task, courier, own.templates)
                queue.finish(
                    DeliveryResult(task: task, attempt: .init(startedAt: startedAt, delivery: delivery)), by: number)
                isIdle = false
            case .idle:
                courier.disconnect()
                isIdle = true
            case .closed: return
            }
        }
    }

    private func makeCourier(_ equipment: Worker.Equipment) -> any Courier {
        let courier = equipment.courier()
        courier.observe { [number, queue] in queue.activity.begin($0, by: number) }
        return courier
    }

    private func deliver(_ task: DeliveryTask, _ courier: any Courier, _ templates: MailTemplates) -> Delivery {
        let mail = task.mail()
        guard
            let mail = templates.render(
                mail, requestID: task.job.requestID, returnAddress: task.returnAddress)
        else {
            let words = "there is no template \(mail.template.rawValue) in \(mail.language.rawValue)"
            return Delivery(
                outcome: .permanent, stage: "render", code: nil, reply: words, explanation: words, seconds: 0,
                reusedConnection: false)
        }
        return courier.deliver(mail)
    }
}
