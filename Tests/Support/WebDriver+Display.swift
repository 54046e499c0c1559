import Foundation

extension WebDriver {
    package enum ColorScheme: String, Sendable { case light, dark }

    /// The size of the page's area in CSS pixels; a phone has about 390 × 844 at a scale of 3.
    package func setViewport(width: Int, height: Int, scale: Double = 1) throws {
        try devTools(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .number(Double(width)), "height": .number(Double(height)),
                "deviceScaleFactor": .number(scale), "mobile": false,
            ])
    }

    /// What the page is told of the person's wishes, by media queries.
    package func setMedia(
        colorScheme: ColorScheme = .light, reducedMotion: Bool = false, forcedColors: Bool = false
    ) throws {
        let features: JSON = [
            ["name": "prefers-color-scheme", "value": .string(colorScheme.rawValue)],
            ["name": "prefers-reduced-motion", "value": reducedMotion ? "reduce" : "no-preference"],
            ["name": "forced-colors", "value": forcedColors ? "active" : "none"],
        ]
        try devTools("Emulation.setEmulatedMedia", ["features": features])
    }

    /// Writes a picture of the whole page, also of what lies below the window, to a PNG file.
    package func screenshot(to path: String) throws {
        let size = try devTools("Page.getLayoutMetrics")["cssContentSize"]
        let clip: JSON = ["x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1]
        let answer = try devTools(
            "Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true, "clip": clip])
        guard let picture = answer["data"].string.flatMap({ Data(base64Encoded: $0) }) else {
            throw SupportFailure("the browser made no picture of \(try currentURL)")
        }
        try picture.write(to: URL(fileURLWithPath: path))
    }
}
