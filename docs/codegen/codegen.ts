import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../graphql/schema.graphql",
  documents: "../../graphql/operations/*.graphql",
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        // Every scalar must be named here: one that is not is an error, never `any`.
        strictScalars: true,
        scalars: {
          UUID: "string",
          DateTime: "string",
          Date: "string",
          JSON: "unknown",
        },
        enumsAsTypes: true,
        useTypeImports: true,
        immutableTypes: true,
      },
    },
  },
};

export default config;
