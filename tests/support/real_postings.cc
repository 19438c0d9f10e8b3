#include "tests/support/real_postings.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

constexpr char kFile[] = "../shared/data/postings/jobs_dev.jsonl.gz";

[[noreturn]] void Fail(std::string_view what) {
  std::fprintf(stderr, "%s: %.*s\n", kFile, static_cast<int>(what.size()),
               what.data());
  std::exit(1);
}

// Reads one flat JSON object; enough for this file, and for nothing else.
class FlatJson {
 public:
  explicit FlatJson(std::string_view line) : line_(line) {}

  RealPosting Read() {
    RealPosting posting;
    Expect('{');
    while (true) {
      std::string key = String();
      Expect(':');
      SkipBlanks();
      if (line_[at_] == '"') {
        posting.emplace(std::move(key), String());
      } else {
        std::string value;
        while (line_[at_] != ',' && line_[at_] != '}')
          value.push_back(line_[at_++]);
        if (value != "null") posting.emplace(std::move(key), std::move(value));
      }
      SkipBlanks();
      if (line_[at_] == '}') return posting;
      Expect(',');
    }
  }

 private:
  void SkipBlanks() {
    while (at_ < line_.size() && line_[at_] == ' ') ++at_;
    if (at_ >= line_.size()) Fail("a line ends early");
  }
  void Expect(char c) {
    SkipBlanks();
    if (line_[at_++] != c) Fail("a line is not a flat JSON object");
  }
  std::string String() {
    Expect('"');
    std::string value;
    while (line_[at_] != '"') {
      if (line_[at_] != '\\') {
        value.push_back(line_[at_++]);
        continue;
      }
      ++at_;
      const char c = line_[at_++];
      switch (c) {
        case 'n':
          value.push_back('\n');
          break;
        case 't':
          value.push_back('\t');
          break;
        case 'r':
          value.push_back('\r');
          break;
        case 'b':
          value.push_back('\b');
          break;
        case 'f':
          value.push_back('\f');
          break;
        case 'u':
          AppendChar(Escaped(), value);
          break;
        default:
          value.push_back(c);
      }
    }
    ++at_;
    return value;
  }
  char32_t Escaped() {
    char32_t c = Hex();
    if (c >= 0xD800 && c < 0xDC00 && line_.substr(at_, 2) == "\\u") {
      at_ += 2;
      c = 0x10000 + ((c - 0xD800) << 10) + (Hex() - 0xDC00);
    }
    return c;
  }
  char32_t Hex() {
    const std::string digits(line_.substr(at_, 4));
    at_ += 4;
    return static_cast<char32_t>(std::strtoul(digits.c_str(), nullptr, 16));
  }

  std::string_view line_;
  size_t at_ = 0;
};

}  // namespace

std::vector<RealPosting> ReadRealPostings(size_t limit) {
  FILE* pipe = popen((std::string("gzip -dc ") + kFile).c_str(), "r");
  if (pipe == nullptr) Fail("cannot run gzip");
  std::vector<RealPosting> postings;
  char* line = nullptr;
  size_t capacity = 0;
  for (ssize_t n; (n = getline(&line, &capacity, pipe)) > 1;) {
    postings.push_back(FlatJson({line, static_cast<size_t>(n)}).Read());
    if (limit != 0 && postings.size() == limit) break;
  }
  std::free(line);
  pclose(pipe);
  if (postings.empty())
    Fail("is absent or empty; run from the project's folder");
  return postings;
}

const std::string& Field(const RealPosting& posting, const std::string& key) {
  static const std::string* const empty = new std::string();
  const auto found = posting.find(key);
  return found == posting.end() ? *empty : found->second;
}

}  // namespace gradmatch
