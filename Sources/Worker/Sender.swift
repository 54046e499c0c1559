import Domain

/// One thread that sends one mail after another, over one connection to one relay at a time.
struct Sender {
    let number: Int
    let queue: DeliveryQueue
    let equipment: CurrentEquipment
    let clock: any Clock

    /// A connection and what it was made for.
    private struct Line {
        let relay: Worker.Equipment.Relay
        let version: Int
        let courier: any Courier
    }

    func run() {
        var line: Line?
        while true {
            let idleTimeout = line.map { Duration.milliseconds($0.relay.idleTimeout.milliseconds) }
            switch queue.nextTask(for: number, timeout: idleTimeout) {
            case .task(let task):
                let (version, equipment) = equipment.newest
                if line?.version != version || line?.relay.name != task.relay {
                    line?.courier.disconnect()
                    line = makeLine(to: task.relay, version, equipment)
                }
                queue.finish(result(of: task, line, equipment.templates), by: number)
            case .idle:
                line?.courier.disconnect()
                line = nil
            case .closed: return
            }
        }
    }

    private func makeLine(to relay: String, _ version: Int, _ equipment: Worker.Equipment) -> Line? {
        guard let relay = equipment.relay(relay) else { return nil }
        let courier = relay.courier()
        courier.observe { [number, queue, name = relay.name] in queue.activity.begin($0, at: name, by: number) }
        return Line(relay: relay, version: version, courier: courier)
    }

    /// A task for a relay that is no longer there comes back untried.
    private func result(of task: DeliveryTask, _ line: Line?, _ templates: MailTemplates) -> DeliveryResult {
        guard let line else { return DeliveryResult(task: task, attempt: nil) }
        let startedAt = clock.now()
        let delivery = deliver(task, line.courier, templates)
        return DeliveryResult(task: task, attempt: .init(startedAt: startedAt, delivery: delivery))
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
