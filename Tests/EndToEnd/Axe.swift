import Foundation
import Support

/// axe-core, where somebody has it: `PULIH_AXE=/path/axe.min.js`.
enum Axe {
    private static let rules = ProcessInfo.processInfo.environment["PULIH_AXE"].map { path in
        Result { try String(contentsOfFile: path, encoding: .utf8) }
    }

    /// What it finds on the page at the levels A and AA of WCAG 2.0 to 2.2, in both colour schemes; nothing without it.
    static func violations(_ browser: WebDriver) throws -> [String] {
        guard let rules = try rules?.get() else { return [] }
        var found: [String] = []
        for scheme in [WebDriver.ColorScheme.light, .dark] {
            // Without motion: a colour that is on its way to another one has no contrast to speak of.
            try browser.setMedia(colorScheme: scheme, reducedMotion: true)
            try browser.executeScript(rules)
            let result = try browser.executeScript(
                """
                return axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
                  .then((result) => result.violations.map((one) =>
                    `${one.impact} ${one.id}: ${one.nodes.map((node) => node.target).join(", ")}`));
                """)
            found += result.array?.compactMap(\.string).map { "\(scheme): \($0)" } ?? ["no answer"]
        }
        try browser.setMedia()
        return found
    }
}
