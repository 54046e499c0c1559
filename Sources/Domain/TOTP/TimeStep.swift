/// One interval of a TOTP clock, counted from 1970: the `T` of RFC 6238, section 4.2.
package struct TimeStep: Strideable, Hashable, Sendable {
    package let counter: Int64

    package init(_ counter: Int64) {
        self.counter = counter
    }

    package func advanced(by steps: Int) -> TimeStep {
        TimeStep(counter + Int64(steps))
    }

    package func distance(to other: TimeStep) -> Int {
        Int(other.counter - counter)
    }
}
