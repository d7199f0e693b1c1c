import type { FieldFault } from "./errors.ts";
import { ID_PATTERN, ID_RULE } from "./ids.ts";

/** A fault as TypeBox tells it, and near enough as Fastify's own checks do. */
export interface SchemaFault {
  keyword?: string;
  /** JSON pointer: `/players/0/elo`. */
  instancePath: string;
  message?: string;
  params?: object;
}

/**
 * Puts what a schema check found into the words of a person: the path as it is written in code, and what is missing or
 * too much named itself, not only the object that it is missing from.
 *
 * @param whole what to call the thing that was checked, when it is itself at fault: `body`, `frame`
 */
export const fieldFaults = (faults: readonly SchemaFault[], whole: string): FieldFault[] =>
  faults.flatMap(({ keyword, instancePath, message = "is not valid", params }) => {
    const path = fieldPath(instancePath);
    const children = (name: string, text: string): FieldFault[] => {
      const names: unknown = params && Reflect.get(params, name);
      return (Array.isArray(names) ? names : []).map((child) => ({
        field: path ? `${path}.${child}` : child,
        message: text,
      }));
    };
    switch (keyword) {
      case "required":
        return children("requiredProperties", "is missing");
      case "additionalProperties":
        return children("additionalProperties", "is not a field that is known here; leave it out");
      // What TypeBox says of the forbidden field itself, beside what it says of the object that has it.
      case "boolean":
        return [];
      case "maxItems":
        return [{ field: path || whole, message: `${message}; send fewer at a time` }];
      case "pattern":
        return [
          {
            field: path || whole,
            message: params && Reflect.get(params, "pattern") === ID_PATTERN ? ID_RULE : message,
          },
        ];
      default:
        return [{ field: path || whole, message }];
    }
  });

/** `/players/0/elo` → `players[0].elo` */
const fieldPath = (instancePath: string): string =>
  instancePath
    .split("/")
    .slice(1)
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part), "");
