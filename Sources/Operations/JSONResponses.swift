import FoundationEssentials
import HTTPServer
import Pages

extension Response {
    /// An answer in JSON, with its keys in order so that two answers can be compared.
    static func encoded(_ value: some Encodable, status: Int = 200) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(value)
        return .machineReadable(Array(json), type: "application/json", status: status)
    }

    /// An answer that no browser should take for a page, or keep.
    static func machineReadable(_ body: [UInt8], type: String, status: Int = 200) -> Response {
        var response = Response.bytes(body, type: type, status: status)
        SecurityHeaders.add(to: &response, isSecure: false)
        return response
    }
}
