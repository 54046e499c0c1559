/// Seals and opens as a `Sealer` does; the keys behind it may be exchanged meanwhile.
package protocol Sealing: Sendable {
    func seal(_ plain: [UInt8], context: [UInt8], random: any RandomSource) throws(SealError) -> [UInt8]
    func open(_ sealed: [UInt8], context: [UInt8]) throws(SealError) -> [UInt8]
}

extension Sealer: Sealing {}
