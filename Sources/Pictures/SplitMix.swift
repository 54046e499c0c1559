/// SplitMix64 (Steele, Lea and Flood, 2014): small, even, and the same everywhere for the same seed. Not for secrets.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A number of the range, each as probable as the other.
    mutating func number(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
    }

    /// As `number(in:)`, to one side or the other: never near zero when the range is not.
    mutating func signedNumber(in range: ClosedRange<Double>) -> Double {
        next() & 1 == 0 ? number(in: range) : -number(in: range)
    }
}
