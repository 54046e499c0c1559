import Foundation
import Support
import Testing

/// The Grafana dashboard in `config/grafana`.
struct DashboardTests {
    private struct Cell: Hashable {
        let x: Int
        let y: Int
    }

    private let dashboard: JSON
    private let panels: [JSON]

    init() throws {
        dashboard = try JSON(parsing: Array(try ProjectFile.text("config/grafana/pulih.json").utf8))
        panels = try #require(dashboard["panels"].array)
    }

    @Test func grafanaFindsWhatItNeeds() throws {
        #expect(dashboard["uid"].string == "pulih-queue")
        #expect(dashboard["title"].string == "Pulih")
        #expect(try #require(dashboard["schemaVersion"].number) >= 39)
        let variables = try #require(dashboard["templating"]["list"].array)
        #expect(variables.map { $0["name"].string } == ["datasource", "instance", "kind"])
        #expect(variables.first?["type"].string == "datasource")
        // No number is given by Grafana at import: links to panels would not last.
        #expect(dashboard["id"] == .null)
    }

    @Test func panelsAreToldApartAndExplained() throws {
        let ids = panels.compactMap { $0["id"].number }
        #expect(ids.count == panels.count && Set(ids).count == ids.count)
        for panel in panels where panel["type"].string != "row" {
            #expect(panel["title"].string?.isEmpty == false)
            #expect(panel["description"].string?.isEmpty == false, "\(panel["title"])")
            #expect(panel["datasource"]["uid"].string == "${datasource}", "\(panel["title"])")
            #expect(panel["targets"].array?.isEmpty == false, "\(panel["title"])")
        }
    }

    @Test func noPanelCoversAnother() throws {
        var taken: Set<Cell> = []
        for panel in panels {
            let place = panel["gridPos"]
            let (x, y) = (try number(place["x"]), try number(place["y"]))
            let (w, h) = (try number(place["w"]), try number(place["h"]))
            #expect(x >= 0 && w > 0 && h > 0 && x + w <= 24, "\(panel["title"])")
            for cell in (x..<x + w).flatMap({ x in (y..<y + h).map { Cell(x: x, y: $0) } }) {
                #expect(taken.insert(cell).inserted, "\(panel["title"]) covers another at \(cell)")
            }
        }
    }

    private func number(_ json: JSON) throws -> Int { Int(try #require(json.number)) }

    /// Prometheus' own parser reads them, as the expressions of recording rules.
    @Test func everyExpressionIsOne() throws {
        let targets = panels.flatMap { $0["targets"].array ?? [] }
        let annotations = (dashboard["annotations"]["list"].array ?? []).filter { $0["expr"] != .null }
        let expressions = try (targets + annotations).map { try #require($0["expr"].string) }
        #expect(expressions.count > 30)
        let rules = try expressions.enumerated().map { number, expression in
            let plain = expression.replacingOccurrences(of: "$__rate_interval", with: "5m")
                .replacingOccurrences(of: "$instance", with: ".*").replacingOccurrences(of: "$kind", with: ".*")
            #expect(!plain.contains("$"), "\(expression)")
            let rule: JSON = ["record": "expression_\(number)", "expr": .string(plain)]
            // JSON is YAML, but for the slash that may be escaped.
            return String(decoding: try rule.bytes, as: UTF8.self).replacingOccurrences(of: #"\/"#, with: "/")
        }
        let folder = try TemporaryFolder()
        let file = #"{"groups": [{"name": "dashboard", "rules": ["# + rules.joined(separator: ",") + "]}]}"
        try Subprocess.output(of: "promtool", ["check", "rules", folder.write(file, to: "dashboard.rules.yml")])
    }
}
