// The code tables, as bytes of the program: no file is needed at run time.
// The assembler finds the files through the include path (CMakeLists.txt).

        .section .rodata
.macro embed name, file
        .global gradmatch_codes_\name
        .global gradmatch_codes_\name\()_end
gradmatch_codes_\name:
        .incbin "\file"
gradmatch_codes_\name\()_end:
        .byte 0
.endm

        embed region, region.tsv
        embed undergraduate, undergraduate.tsv
        embed postgraduate, postgraduate.tsv
        embed vocational, vocational.tsv
        embed gd2025_a, gd2025-A.tsv
        embed gd2025_b, gd2025-B.tsv
        embed gd2025_c, gd2025-C.tsv
        embed function, function.tsv
        embed industry, industry.tsv
        embed school, school.tsv
        embed condition, condition.tsv

        .section .note.GNU-stack,"",@progbits
