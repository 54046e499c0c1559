import Domain
import SMTP
import Testing

@Suite("Steps of a delivery")
struct DeliveryStageTests {
    @Test("Domain names the steps of SMTP, in their order, after those of writing the mail")
    func names() {
        #expect(Delivery.stages == ["render", "message"] + Stage.allCases.map(\.rawValue))
    }
}
