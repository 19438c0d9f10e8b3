#ifndef GRADMATCH_TESTS_MATCHER_OFFICIAL_POSITION_ORACLE_H_
#define GRADMATCH_TESTS_MATCHER_OFFICIAL_POSITION_ORACLE_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gradmatch::oracle {

// Decides eligibility for official positions from the cells as they are
// printed. Written from the announcement's own words; knows nothing of our
// parsers, keys, code tables' loader or messages.

using Cells = std::map<std::string, std::string>;  // column to text

// What a graduate is and states.
struct Person {
  struct Course {
    int level = 0;      // 3 to 6
    std::string major;  // code with its letter, at any depth
  };
  std::vector<Course> courses;  // the highest one first
  int graduation_year = 0;      // 0 not said
  std::map<std::string, bool> statements;
  int age = -1;                // -1 not said
  int grassroots_months = -1;  // -1 not said
};

// The province's list of majors, read from its file.
class Catalogue {
 public:
  // Lines of "code, parent, level, name, aliases, note".
  explicit Catalogue(const std::vector<std::string>& paths);
  bool Has(const std::string& code) const { return names_.contains(code); }
  // Codes of one letter with this name or other name.
  std::vector<std::string> Named(char letter, const std::string& name) const;
  // All codes of a letter and a depth (3, 5 or 7 characters).
  std::vector<std::string> Codes(char letter, size_t size) const;

 private:
  std::map<std::string, std::string> names_;
  std::map<std::string, std::set<std::string>> by_name_;
};

enum class Answer { kEligible, kConditional, kIneligible };

class Oracle {
 public:
  explicit Oracle(const Catalogue& catalogue) : catalogue_(catalogue) {}
  Answer Judge(const Cells& cells, const Person& person) const;

  // Pieces of 其他要求 that are in no table of the oracle: open by definition.
  static int CountUnknownPieces(const Cells& cells);

 private:
  struct Accepted {
    bool any = false;
    bool text = false;
    std::vector<std::string> codes;
  };
  // What a cell says, read once.
  const Accepted& Majors(const std::string& cell, char letter) const;
  Accepted ReadMajors(const std::string& cell, char letter) const;

  const Catalogue& catalogue_;
  mutable std::map<std::pair<std::string, char>, Accepted> read_;
};

}  // namespace gradmatch::oracle

#endif  // GRADMATCH_TESTS_MATCHER_OFFICIAL_POSITION_ORACLE_H_
