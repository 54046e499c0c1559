import Domain
import HTTPServer

extension ServerFault: Fault {
    package var detail: String { "" }
}
