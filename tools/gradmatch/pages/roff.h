#ifndef GRADMATCH_TOOLS_GRADMATCH_PAGES_ROFF_H_
#define GRADMATCH_TOOLS_GRADMATCH_PAGES_ROFF_H_

#include <string>
#include <utility>

namespace gradmatch {

// Writes a manual page in roff, man(7)'s macros. Texts are plain: what roff
// would take for a request or an escape is masked here.
class RoffPage {
 public:
  // RoffPage("gradmatch", 1, "gradmatch 0.1.0").
  RoffPage(const std::string& name, int section, const std::string& version);

  void Section(const std::string& title);     // .SH
  void Subsection(const std::string& title);  // .SS
  // A paragraph.
  void Text(const std::string& text);
  // One entry of a list: `term`, bold, then `value`, in italics, and below them
  // the text.
  void Entry(const std::string& term, const std::string& value,
             const std::string& text);
  // Lines that are not filled: commands to type.
  void Example(const std::string& says, const std::string& lines);

  std::string Take() && { return std::move(out_); }

 private:
  std::string out_;
};

// What roff is to print as `text`.
std::string RoffText(const std::string& text);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_PAGES_ROFF_H_
