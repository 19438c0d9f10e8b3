#include "server/feed/csv_parser.h"

#include <csv.h>

#include <array>
#include <utility>

namespace gradmatch {

struct CsvParser::Impl {
  csv_parser parser;
  char delimiter;
  std::vector<std::string> fields;  // of the row that is begun
  bool row = false;
  bool more_rows = false;  // a bare \r ended a row within the line

  void Init() {
    csv_init(&parser, 0);
    csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
    // libcsv drops blanks around fields; a tab that delimits is none.
    csv_set_space_func(&parser,
                       [](unsigned char c) -> int { return c == ' ' ? 1 : 0; });
    fields.clear();
    row = false;
    more_rows = false;
  }
  static void OnField(void* data, size_t size, void* self_pointer) {
    Impl* const self = static_cast<Impl*>(self_pointer);
    self->more_rows |= self->row;
    self->fields.emplace_back(
        data == nullptr ? "" : static_cast<const char*>(data), size);
  }
  static void OnRow(int, void* self) { static_cast<Impl*>(self)->row = true; }
};

CsvParser::CsvParser(char delimiter) : impl_(std::make_unique<Impl>()) {
  impl_->delimiter = delimiter;
  impl_->Init();
}

CsvParser::~CsvParser() { csv_free(&impl_->parser); }

void CsvParser::Reset() {
  csv_free(&impl_->parser);
  impl_->Init();
  pending_ = 0;
}

CsvParser::State CsvParser::Add(std::string_view line,
                                std::vector<std::string>& fields) {
  const bool fresh = pending_ == 0;
  pending_ += line.size() + 1;
  const auto feed = [&](std::string_view bytes) {
    return csv_parse(&impl_->parser, bytes.data(), bytes.size(), &Impl::OnField,
                     &Impl::OnRow, impl_.get()) == bytes.size();
  };
  if (!feed(line) || !feed("\n") || impl_->more_rows) {
    Reset();
    return State::kBad;
  }
  if (!impl_->row) {
    if (fresh && impl_->fields.empty() && line.find('"') == line.npos) {
      pending_ = 0;
      return State::kNothing;
    }
    return State::kMore;
  }
  fields = std::move(impl_->fields);
  impl_->fields.clear();
  impl_->row = false;
  pending_ = 0;
  return State::kRow;
}

char DetectDelimiter(std::string_view header) {
  constexpr std::array<char, 3> kDelimiters = {',', ';', '\t'};
  std::array<int, 3> counts{};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    for (size_t i = 0; i < kDelimiters.size(); ++i) {
      if (!quoted && c == kDelimiters[i]) ++counts[i];
    }
  }
  size_t best = 0;
  for (size_t i = 1; i < counts.size(); ++i) {
    if (counts[i] > counts[best]) best = i;
  }
  return kDelimiters[best];
}

}  // namespace gradmatch
