/** Where a file lies tells whether it runs in production. */
const TEST_PATH =
  /(^|\/)(tests?|__tests__|__mocks__|specs?|e2e|testing|testdata|test_data|fixtures?|__fixtures__|mocks?|stubs?|cypress|playwright)\/|(^|\/)(test_[^/]*|conftest)\.py$|[._-](test|tests|spec|e2e|stories|bench|fixture|fixtures|mock)\.[cm]?[jt]sx?$|_(test|tests)\.(py|[jt]s)$|(^|\/)(jest|vitest|karma|playwright|cypress|setup[-_]?tests?)[\w.-]*\.[cm]?[jt]s$/i;
const BESIDES_PATH =
  /(^|\/)(docs?|documentation|benchmarks?|bench|perf)\/|(^|\/)(tests?|Gruntfile|gulpfile|[\w.-]+\.config|setup|noxfile|fabfile)\.([cm]?[jt]s|py)$/i;
const EXAMPLE_PATH = /(^|\/)(examples?|samples?|demos?|tutorials?|snippets|playground)\//i;

export function isProbablyTest(path: string): boolean {
  return TEST_PATH.test(path) || BESIDES_PATH.test(path);
}

export function isProbablyExample(path: string): boolean {
  return EXAMPLE_PATH.test(path);
}
