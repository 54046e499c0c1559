import Cryptography
import Testing

@Suite("HashMemory")
struct HashMemoryTests {
    private let memory = HashMemory()
    private let size = 19_456 * 1024

    @Test("is used again while other hashes are computed, and kept for none")
    func reuse() throws {
        let (first, second) = (try #require(memory.take(size)), try #require(memory.take(size)))
        first.storeBytes(of: 1, as: UInt8.self)
        (second + size - 1).storeBytes(of: 2, as: UInt8.self)
        #expect(first != second)
        memory.giveBack(first, size)
        #expect(memory.kept == 1)
        #expect(memory.take(size) == first)
        #expect(memory.kept == 0)
        memory.giveBack(second, size)
        memory.giveBack(first, size)
        #expect(memory.kept == 0)
    }

    @Test("of another size takes the place of what does not fit, so that there are never more blocks than hashes")
    func sizes() throws {
        let blocks = try (0..<3).map { _ in try #require(memory.take(size)) }
        for block in blocks.dropFirst() { memory.giveBack(block, size) }
        #expect(memory.kept == 2)
        let large = try #require(memory.take(3 * size))
        (large + 3 * size - 1).storeBytes(of: 3, as: UInt8.self)
        #expect(memory.kept == 1)
        memory.giveBack(large, 3 * size)
        memory.giveBack(blocks[0], size)
        #expect(memory.kept == 0)
    }

    @Test("that there is not is refused")
    func none() {
        #expect(memory.take(1 << 60) == nil)
        #expect(memory.kept == 0)
    }
}
