import Glibc
import Threading

/// The memory that password hashes are computed in, 19 MiB for each of ours.
///
/// From malloc every thread that ever hashed would keep a block of its own for good, and the kernel clears new memory page by
/// page, which takes a quarter of a hash's time. So hashes that follow one another share blocks, in huge pages where the
/// kernel has them; there are never more than hashes at once, and as soon as none is computed all go back to the kernel.
package final class HashMemory: Sendable {
    static let shared = HashMemory()

    private struct Block: @unchecked Sendable {
        // Proof: who takes a block is the only one to have it.
        let start: UnsafeMutableRawPointer
        let size: Int
    }

    private struct State {
        var free: [Block] = []
        var taken = 0
    }

    private static let hugePage = 2 << 20

    private let state = Monitor(State())

    package init() {}

    /// How many blocks are kept for the next hashes.
    package var kept: Int { state.withLock { $0.free.count } }

    /// - Returns: memory that was wiped, by the kernel or by who had it before; nil when there is none.
    package func take(_ size: Int) -> UnsafeMutableRawPointer? {
        let size = Self.rounded(size)
        let (block, unfit): (Block?, Block?) = state.withLock { state in
            state.taken += 1
            guard let index = state.free.firstIndex(where: { $0.size == size }) else {
                return (nil, state.free.popLast())
            }
            return (state.free.remove(at: index), nil)
        }
        if let block { return block.start }
        if let unfit { munmap(unfit.start, unfit.size) }
        let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != UnsafeMutableRawPointer(bitPattern: -1) else {
            state.withLock { $0.taken -= 1 }
            return nil
        }
        madvise(start, size, MADV_HUGEPAGE)
        return start
    }

    /// - Parameter size: as it was asked for. The memory must hold no secret any more.
    package func giveBack(_ start: UnsafeMutableRawPointer, _ size: Int) {
        let block = Block(start: start, size: Self.rounded(size))
        let unused = state.withLock { state in
            state.taken -= 1
            state.free.append(block)
            guard state.taken == 0 else { return [Block]() }
            defer { state.free = [] }
            return state.free
        }
        for block in unused { munmap(block.start, block.size) }
    }

    /// Whole huge pages, which the kernel then aligns.
    private static func rounded(_ size: Int) -> Int { (size + hugePage - 1) / hugePage * hugePage }
}
