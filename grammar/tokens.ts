/**
 * The vocabulary. Which word is a keyword where is decided by a pass over the tokens (scan.ts), so that every declaring word stays an
 * ordinary name in all other places.
 */
import { createToken, type IToken, Lexer, type TokenType } from "chevrotain";

export type { TokenType };

/** A token as the parser sees it: with what the rules about lines and comments need. */
export interface Token extends IToken {
  /** A line break stands between this token and the one before. */
  newline: boolean;
  /** How many comments of the file start before this token, and how many before the one that precedes it. */
  comments: number;
  firstComment: number;
  /** Its place among the tokens that are read together. */
  index: number;
}

/** Signs by their text. */
export const signs = new Map<string, TokenType>();
const virtual: TokenType[] = [];

function sign(name: string, pattern: string, ...categories: TokenType[]): TokenType {
  const token = createToken({ name, pattern, label: `\`${pattern}\``, categories });
  signs.set(pattern, token);
  return token;
}

/** A type that is known by more than its text. */
function given(name: string, label: string, ...categories: TokenType[]): TokenType {
  const token = createToken({ name, pattern: Lexer.NA, label, categories });
  virtual.push(token);
  return token;
}

function words(list: string, ...categories: TokenType[]): Map<string, TokenType> {
  return new Map(
    list
      .split(" ")
      .map((word) => [
        word,
        given(`${word.charAt(0).toUpperCase()}${word.slice(1)}Word`, `\`${word}\``, ...categories),
      ]),
  );
}

export const Lower = given("Lower", "a name");
export const Upper = given("Upper", "the name of a definition");
/** Words that can never be a name. */
export const Reserved = given("Reserved", "a word of the language");
/** Words that are keywords where a name follows on the same line. */
export const Declaring = given("Declaring", "a declaring word");
/** Declaring words that make definitions and instances. */
export const Kind = given("Kind", "a kind", Declaring);
/** Signs and words between two operands. */
export const Operator = given("Operator", "an operator");
export const Int = given("Int", "a whole number");
export const Float = given("Float", "a number");

const reservedWords = words("let return require minimize if then else for is not true false none", Reserved);
const reservedOperators = words("in and or", Reserved, Operator);
export const reserved: ReadonlyMap<string, TokenType> = new Map([...reservedWords, ...reservedOperators]);
const kindWords = words("part model loss objective sampler optimizer encoder data metric sample evaluate", Kind);
const declaringWords = words(
  "use param preset layout sweep case fn tap weight draw state next set skip train log stop",
  Declaring,
);
export const declaring: ReadonlyMap<string, TokenType> = new Map([...declaringWords, ...kindWords]);
export const connectives: ReadonlyMap<string, TokenType> = words(
  "over by clip via of as with extern where except every",
  Lower,
);
/** Words that are what they are wherever they stand, but after a dot. */
export const fixedWords: ReadonlyMap<string, TokenType> = new Map([...reserved, ...connectives]);
export const Language = given("Language", "`language`");

function word(text: string): TokenType {
  const type = reserved.get(text) ?? declaring.get(text) ?? connectives.get(text);
  if (!type) throw new Error(`not a word of the language: ${text}`);
  return type;
}

export const [Let, Return, Require, Minimize, If, Then, Else, For, Is, Not, True, False, None] = [
  word("let"),
  word("return"),
  word("require"),
  word("minimize"),
  word("if"),
  word("then"),
  word("else"),
  word("for"),
  word("is"),
  word("not"),
  word("true"),
  word("false"),
  word("none"),
];
export const In = word("in");
export const [Use, Param, Preset, Layout, Sweep, Case, Fn, Tap, Weight, Draw] = [
  word("use"),
  word("param"),
  word("preset"),
  word("layout"),
  word("sweep"),
  word("case"),
  word("fn"),
  word("tap"),
  word("weight"),
  word("draw"),
];
export const [State, Next, Set_, Skip, Train, Log, Stop, Sample, Evaluate] = [
  word("state"),
  word("next"),
  word("set"),
  word("skip"),
  word("train"),
  word("log"),
  word("stop"),
  word("sample"),
  word("evaluate"),
];
export const [Over, By, Clip, Via, Of, As, With, Extern, Where, Except, Every] = [
  word("over"),
  word("by"),
  word("clip"),
  word("via"),
  word("of"),
  word("as"),
  word("with"),
  word("extern"),
  word("where"),
  word("except"),
  word("every"),
];

export const Text = given("Text", "a text in quotes");

export const Both = sign("Both", "<->");
export const Arrow = sign("Arrow", "->");
export const DotDot = sign("DotDot", "..", Operator);
export const Dot = sign("Dot", ".");
export const EqualEqual = sign("EqualEqual", "==", Operator);
export const Equal = sign("Equal", "=");
export const NotEqual = sign("NotEqual", "!=", Operator);
export const LessEqual = sign("LessEqual", "<=", Operator);
export const Less = sign("Less", "<", Operator);
export const GreaterEqual = sign("GreaterEqual", ">=", Operator);
export const Greater = sign("Greater", ">", Operator);
export const Plus = sign("Plus", "+", Operator);
export const Minus = sign("Minus", "-", Operator);
export const Star = sign("Star", "*", Operator);
export const Slash = sign("Slash", "/", Operator);
export const Percent = sign("Percent", "%", Operator);
export const Caret = sign("Caret", "^", Operator);
export const LeftBrace = sign("LeftBrace", "{");
export const RightBrace = sign("RightBrace", "}");
export const LeftParen = sign("LeftParen", "(");
export const RightParen = sign("RightParen", ")");
export const LeftBracket = sign("LeftBracket", "[");
export const RightBracket = sign("RightBracket", "]");
export const Comma = sign("Comma", ",");
export const Colon = sign("Colon", ":");
export const Tilde = sign("Tilde", "~");
export const Question = sign("Question", "?");
export const Bar = sign("Bar", "|");
export const At = sign("At", "@");

export const vocabulary: readonly TokenType[] = [...signs.values(), ...virtual];

/** Category test that needs no parser: `isA(token, Kind)`. */
export function isA(token: IToken, type: TokenType): boolean {
  return (
    token.tokenType === type || (type.categoryMatchesMap !== undefined && token.tokenTypeIdx in type.categoryMatchesMap)
  );
}
