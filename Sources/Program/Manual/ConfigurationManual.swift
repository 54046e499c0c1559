/// pulih.json5(5), from the comments of the example.
enum ConfigurationManual {
    private static let needed = "NEEDED. "

    static func page(_ configuration: ExplainedConfiguration) -> String {
        var roff = Roff(title: "pulih.json5", section: 5, purpose: "the configuration of Pulih")
        roff.heading("Description")
        roff.paragraph(configuration.introduction)
        roff.paragraph("Keys with a dot stand in an object: `smtp.port` is written `smtp: { port: 587 }`.")
        roff.heading("Keys")
        for entry in configuration.entries {
            let isNeeded = entry.text.hasPrefix(needed)
            roff.item(entry.keys.map(\.path), isNeeded ? String(entry.text.dropFirst(needed.count)) : entry.text)
            for key in entry.keys {
                let standing = isNeeded ? "Needed; such as" : key.isCommentedOut ? "Not set; such as" : "Default"
                let told = entry.keys.count == 1 ? standing : "`\(key.path)`: \(standing.lowercased())"
                if key.value.contains("\n") {
                    roff.more(told + ":")
                    roff.literal(key.value)
                } else {
                    roff.more("\(told) \(key.value)")
                }
            }
        }
        roff.heading("Files")
        roff.item([Defaults.configuration], "Where every command looks unless `--config` names another file.")
        roff.heading("See also")
        roff.paragraph("pulih(1)")
        return roff.text
    }
}
