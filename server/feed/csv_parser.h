#ifndef GRADMATCH_SERVER_FEED_CSV_PARSER_H_
#define GRADMATCH_SERVER_FEED_CSV_PARSER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gradmatch {

// Splits CSV after RFC 4180, given line by line: a quoted field may go on over
// several lines. Blank lines are no rows. Used by one thread.
class CsvParser {
 public:
  explicit CsvParser(char delimiter);
  ~CsvParser();

  enum class State {
    kRow,      // `fields` is a row
    kMore,     // a quoted field goes on in the next line
    kNothing,  // a blank line
    kBad,      // cannot be split, or a bare \r makes several rows of it; what
               // was begun is dropped
  };
  // `line` without its line break.
  State Add(std::string_view line, std::vector<std::string>& fields);

  // Bytes of the row that is begun.
  size_t pending_bytes() const { return pending_; }
  // Drops the row that is begun.
  void Reset();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  size_t pending_ = 0;
};

// The delimiter of a header line: the one of , ; and tab that occurs most often
// outside quotes; a comma if none does.
char DetectDelimiter(std::string_view header);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_CSV_PARSER_H_
