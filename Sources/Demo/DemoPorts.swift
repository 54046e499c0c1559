/// Where the demo's parts listen, on loopback: four ports that follow each other.
package struct DemoPorts: Sendable {
    package static let count = 4

    package let portal: Int
    package var operations: Int { portal + 1 }
    package var api: Int { portal + 2 }
    package var application: Int { portal + 3 }

    package init(from portal: Int) { self.portal = portal }
}
