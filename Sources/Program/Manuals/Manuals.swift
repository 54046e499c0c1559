import CommandLine
import Configuration

/// A man page of Pulih.
struct Manual {
    /// As `pulih manual` and `man` know it.
    let name: String
    let section: Int
    let purpose: String
    /// The page in the macros of man(7).
    let roff: @Sendable () throws -> String

    /// As other pages mention it: `pulih(1)`.
    var reference: String { "\(name)(\(section))" }
}

/// Every man page: two that are made from what they explain, and those in `Pages`.
enum Manuals {
    static let all = made + written

    private static let made = [
        Manual(name: "pulih", section: 1, purpose: ProgramManual.purpose) { ProgramManual.page(Commands.all) },
        Manual(name: "pulih.json5", section: 5, purpose: ConfigurationManual.purpose) {
            guard let text = ResourceDirectory.configuration() else { throw ResourceDirectory.noConfiguration }
            return ConfigurationManual.page(ExplainedConfiguration(text))
        },
    ]

    /// In the order in which they are listed.
    private static let written = [
        PackageResources.pulih_login_7_md, PackageResources.pulih_queue_7_md, PackageResources.pulih_bounces_7_md,
        PackageResources.pulih_webhooks_7_md, PackageResources.pulih_metrics_7_md, PackageResources.pulih_relay_7_md,
        PackageResources.pulih_postgresql_7_md, PackageResources.pulih_files_7_md,
        PackageResources.pulih_import_7_md, PackageResources.pulih_json_7_md,
        PackageResources.pulih_api_7_md, PackageResources.pulih_applications_7_md,
        PackageResources.pulih_forward_auth_7_md, PackageResources.pulih_openid_7_md,
    ].compactMap(page)

    /// A page that is written in Markdown.
    private static func page(_ bytes: [UInt8]) -> Manual? {
        ManualSource(String(decoding: bytes, as: UTF8.self)).map { source in
            Manual(name: source.title, section: source.section, purpose: source.purpose) {
                source.page(program: "pulih", version: Program.version, name: "Pulih")
            }
        }
    }

    /// What a page names at its end: all others.
    static func others(than name: String) -> String {
        all.filter { $0.name != name }.map(\.reference).joined(separator: ", ")
    }
}
