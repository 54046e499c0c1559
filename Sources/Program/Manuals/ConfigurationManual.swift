import CommandLine
/// pulih.json5(5), from the comments of the example.
enum ConfigurationManual {
    static let purpose = "the configuration of Pulih"
    private static let needed = "NEEDED. "

    static func page(_ configuration: ExplainedConfiguration) -> String {
        var page = ManualPage(
            title: "pulih.json5", section: 5, purpose: purpose, program: "pulih", version: Program.version,
            name: "Pulih")
        page.heading("Description")
        page.paragraph(configuration.introduction)
        page.paragraph("Keys with a dot stand in an object: `smtp.port` is written `smtp: { port: 587 }`.")
        page.heading("Keys")
        for entry in configuration.entries {
            let isNeeded = entry.text.hasPrefix(needed)
            page.item(entry.keys.map(\.path), isNeeded ? String(entry.text.dropFirst(needed.count)) : entry.text)
            for key in entry.keys {
                let standing = isNeeded ? "Needed; such as" : key.isCommentedOut ? "Not set; such as" : "Default"
                let told = entry.keys.count == 1 ? standing : "`\(key.path)`: \(standing.lowercased())"
                if key.value.contains("\n") {
                    page.more(told + ":")
                    page.literal(key.value)
                } else {
                    page.more("\(told) \(key.value)")
                }
            }
        }
        page.heading("Files")
        page.item([Defaults.configuration], "Where every command looks unless `--config` names another file.")
        page.heading("See also")
        page.paragraph(Manuals.others(than: "pulih.json5"))
        return page.text
    }
}
