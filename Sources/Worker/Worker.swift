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
        /// How long finished jobs are kept.
        package let keep: TimeSpan

        package init(
            name: String, lanes: Int, maxLanes: Int? = nil, lease: TimeSpan, keep: TimeSpan = .days(30)
        ) {
            self.name = name
            self.lanes = lanes
            self.maxLanes = max(lanes, maxLanes ?? lanes)
            self.lease = lease
            self.keep = keep
        }
    }

    /// What mails are made with and sent by. It can be exchanged while the worker works.
    package struct Equipment: Sendable {
        let preparer: JobPreparer
        let templates: MailTemplates
        /// In order of preference, each name once.
        let relays: [Relay]
        let receivers: [Receiver]

        package init(
            preparer: JobPreparer, templates: MailTemplates, relays: [Relay], receivers: [Receiver] = []
        ) {
            self.preparer = preparer
            self.templates = templates
            self.relays = relays
            self.receivers = receivers
        }

        /// Where an application is told what happens.
        package struct Receiver: Sendable {
            let id: ReceiverID
            let url: String
            /// Host and port, as the attempts name it.
            let server: String
            let courier: @Sendable () -> any ApplicationCourier

            /// - Parameter courier: makes the courier of one lane; called on the lane's thread.
            package init(
                _ id: ReceiverID, url: String, server: String, courier: @escaping @Sendable () -> any ApplicationCourier
            ) {
                self.id = id
                self.url = url
                self.server = server
                self.courier = courier
            }
        }

        func relay(_ name: String) -> Relay? { relays.first { $0.name == name } }

        /// A relay, as far as the worker has to do with it.
        package struct Relay: Sendable {
            package let name: String
            /// How long a connection is kept without a mail.
            let idleTimeout: TimeSpan
            let courier: @Sendable () -> any Courier
            let token: @Sendable (Instant) -> RelayToken?

            /// - Parameters:
            ///   - token: renews the token for the login if it is time, and tells how it stands with it; nil where none is
            ///     used. It may take long.
            ///   - courier: makes the courier of one sender; called on the sender's thread.
            package init(
                name: String, idleTimeout: TimeSpan = .seconds(30),
                token: @escaping @Sendable (Instant) -> RelayToken? = { _ in nil },
                courier: @escaping @Sendable () -> any Courier
            ) {
                self.name = name
                self.idleTimeout = idleTimeout
                self.token = token
                self.courier = courier
            }
        }
    }

    private let queue: DeliveryQueue
    private let equipment: CurrentEquipment
    private let dispatcher: Thread
    private let senders: [Thread]
    private let upkeep: RelayUpkeep
    private let upkeepThread: Thread
    private let webhooks: ApplicationDispatcher
    private let webhookThread: Thread
    /// How long events under way may take to finish after `stop`.
    private static let webhookStopTimeout = Duration.seconds(5)

    /// Starts working immediately.
    package init(
        _ settings: Settings, store: any Store, equipment: Equipment, clock: any Clock, random: any RandomSource,
        logger: any Logger
    ) {
        let (queue, equipment) = (
            DeliveryQueue(senders: settings.lanes, of: settings.maxLanes), CurrentEquipment(equipment)
        )
        let upkeep = RelayUpkeep(equipment, clock: clock) { queue.wake() }
        self.queue = queue
        self.equipment = equipment
        self.upkeep = upkeep
        upkeepThread = Thread(name: "pulih-relays") { upkeep.run() }
        senders = (0..<settings.maxLanes).map { number in
            Thread(name: "pulih-lane-\(number)") {
                Sender(number: number, queue: queue, equipment: equipment, clock: clock).run()
            }
        }
        let webhooks = ApplicationDispatcher(
            .init(
                settings: settings, store: store, equipment: equipment, clock: clock, random: random, logger: logger))
        self.webhooks = webhooks
        webhookThread = Thread(name: "pulih-webhooks") { webhooks.run() }
        dispatcher = Thread(name: "pulih-dispatch") {
            Dispatcher(
                settings: settings, queue: queue, store: store, equipment: equipment, upkeep: upkeep,
                clock: clock, random: random, logger: logger
            ).run()
        }
    }

    /// Takes other equipment: for the next claim, and in each lane for its next mail. What is under way ends as it began.
    package func exchange(_ equipment: Equipment) {
        self.equipment.exchange(equipment)
        webhooks.wake()
    }

    /// Wakes the dispatcher; does not block.
    package func wake() {
        queue.wake()
        webhooks.wake()
    }

    /// Grows at least once a second while the dispatcher is alive.
    package var cycles: Int { queue.cycles }

    /// Claims nothing more, lets the mails under way finish and settles them. A mail that takes longer than the
    /// dispatcher waits is left to its lease: another worker takes it up.
    package func stop() {
        webhooks.stop()
        let deadline = ContinuousClock.now + Self.webhookStopTimeout
        queue.stop()
        dispatcher.join()
        queue.close()
        upkeep.close()
        if !upkeep.isBusy { upkeepThread.join() }
        // Idle lanes end immediately and close their connection; a lane that still waits for the relay is not waited for.
        if queue.activity.busy == 0 {
            for sender in senders { sender.join() }
        }
        webhookThread.join()
        webhooks.waitUntilIdle(timeout: ContinuousClock.now.duration(to: deadline))
    }
}
