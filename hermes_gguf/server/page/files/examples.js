// Something to begin with: one of each thing that the page can ask for.

const json = (value) => JSON.stringify(value, null, 2);

export const EXAMPLES = [
  { title: "What can you do?", input: "What can you do?" },
  {
    title: "Call a function",
    input: "Hey, what's the temperature in Paris right now?",
    tools: json([
      {
        name: "get_current_temperature",
        description: "Get the current temperature at a location.",
        parameters: {
          type: "object",
          properties: {
            location: {
              type: "string",
              description: 'The location to get the temperature for, in the format "City, Country".',
            },
            unit: {
              type: "string",
              enum: ["celsius", "fahrenheit"],
              description: "The unit to return the temperature in.",
            },
          },
          required: ["location", "unit"],
        },
      },
    ]),
  },
  {
    title: "Answer in JSON",
    input: "Maria Keller is 41 years old and lives in Lisbon.",
    schema: json({
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer" }, city: { type: "string" } },
      required: ["name", "age", "city"],
    }),
  },
];
