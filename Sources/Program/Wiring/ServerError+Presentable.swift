import Domain
import HTTPServer

extension ServerError: PresentableError {
    package var detail: String { "" }
}
