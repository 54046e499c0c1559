import Domain
import JSON

/// The description of all endpoints for programs (OpenAPI 3.1), made of the very values that requests are checked by.
extension ApplicationAPI {
    var openAPI: JSONTree {
        var paths: [String: [String: JSONTree]] = [:]
        for endpoint in endpoints {
            paths[endpoint.path, default: [:]][endpoint.method.rawValue] = operation(endpoint)
        }
        var definitions = schemas.map { ($0.name, Self.object($0.fields)) }
        definitions.append(("Problem", Self.problem))
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Pulih for applications", "version": "1.0.0",
                "description": .text(
                    "The second factor of users whose login an application keeps itself. Refusals are problem documents "
                        + "(RFC 9457): their type is stable, their words may change, and Pulih's log has each under the "
                        + "number that X-Request-Id carries."),
            ],
            "servers": [["url": "/"]],
            "security": [["key": []]],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "securitySchemes": [
                    "key": [
                        "type": "http", "scheme": "bearer",
                        "description": "A key of the application, from `pulih application add-key`.",
                    ]
                ],
                "schemas": .object(Dictionary(definitions) { $1 }),
            ],
        ]
    }

    private func operation(_ endpoint: Endpoint) -> JSONTree {
        let scopes = endpoint.scopes.map(\.rawValue).joined(separator: " or ")
        var operation: [String: JSONTree] = [
            "operationId": .text(endpoint.operation), "summary": .text(endpoint.summary),
            "description": .text("Takes a key with the scope \(scopes)."),
            "parameters": .list(parameters(endpoint)), "responses": .object(responses(endpoint)),
        ]
        if !endpoint.fields.isEmpty {
            operation["requestBody"] = [
                "required": .flag(endpoint.needsBody),
                "content": [
                    "application/json": ["schema": Self.object(endpoint.fields, exclusive: endpoint.exclusive)]
                ],
            ]
        }
        return .object(operation)
    }

    private func parameters(_ endpoint: Endpoint) -> [JSONTree] {
        var parameters: [JSONTree] = endpoint.parameterNames.map { name in
            let isUserID = name == "user_id"
            let schema: JSONTree =
                isUserID
                ? ["type": "string", "pattern": .text(TextForm.userID.pattern ?? "")]
                : ["type": "string", "pattern": "^[a-z0-9-]{1,64}$"]
            return [
                "name": .text(name), "in": "path", "required": true, "schema": schema,
                "description": .text(isUserID ? "The User ID; case does not count." : "The request's number."),
            ]
        }
        if endpoint.isRepeatable {
            parameters.append([
                "name": "Idempotency-Key", "in": "header", "required": false,
                "schema": ["type": "string", "pattern": "^[!-~]{1,255}$"],
                "description": .text(
                    "Of one's own choice, new for each request: the same request under the same key has no second effect "
                        + "within 24 hours and gets the first answer, with Idempotency-Replayed: true."),
            ])
        }
        return parameters
    }

    private func responses(_ endpoint: Endpoint) -> [String: JSONTree] {
        var responses: [String: JSONTree] = [:]
        for answer in endpoint.answers {
            var response: [String: JSONTree] = ["description": .text(answer.meaning)]
            if let schema = answer.schema {
                response["content"] = [
                    "application/json": ["schema": ["$ref": .text("#/components/schemas/\(schema)")]]
                ]
            }
            responses["\(answer.status)"] = .object(response)
        }
        for (status, kinds) in Dictionary(grouping: endpoint.allProblems, by: \.status) {
            let list = kinds.map { "\($0.type): \($0.title)." }.joined(separator: " ")
            responses["\(status)"] = [
                "description": .text(list),
                "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
            ]
        }
        return responses
    }

    private static func object(_ fields: [Field], exclusive: [String] = []) -> JSONTree {
        var schema: [String: JSONTree] = [
            "type": "object", "additionalProperties": false,
            "properties": .object(Dictionary(fields.map { ($0.name, $0.schema) }) { $1 }),
        ]
        let required = fields.filter(\.isRequired).map { JSONTree.text($0.name) }
        if !required.isEmpty { schema["required"] = .list(required) }
        if !exclusive.isEmpty { schema["not"] = ["required": .list(exclusive.map { .text($0) })] }
        return .object(schema)
    }

    private static let problem: JSONTree = [
        "type": "object", "required": ["type", "title", "status", "detail", "request"],
        "properties": [
            "type": ["enum": .list(Problem.Kind.allCases.map { .text($0.type) })],
            "title": ["type": "string"], "status": ["type": "integer"],
            "detail": ["type": "string", "description": "What to do, for developers."],
            "request": ["type": "string", "description": "The request's number in Pulih's log."],
            "errors": [
                "type": "array", "description": "With invalid-fields: every field that breaks a rule.",
                "items": [
                    "type": "object", "required": ["field", "rule", "detail"],
                    "properties": [
                        "field": ["type": "string"],
                        "rule": ["enum": .list(Problem.FieldError.rules.map { .text($0) })],
                        "detail": ["type": "string"],
                    ],
                ],
            ],
        ],
    ]
}
