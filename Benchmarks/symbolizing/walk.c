// What libdw finds at addresses when each unit's entries are walked: a second opinion on inline chains, names and lines.
//
//   gcc -O2 -o walk walk.c -ldw -lelf; walk FILE [ALTERNATE] < addresses
//
// FILE is the file that holds the debug information. One line per address, its frames separated by tabs, innermost first:
// NAME|FILE:LINE|DECLARATION_FILE:DECLARATION_LINE. Nothing is searched by libdw's own tables of addresses
// (`dwarf_addrdie`), which miss what .debug_aranges leaves out.
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Dwarf_Die die;
    Dwarf_Die *unit;
    int parent;
} Node;

static Dwarf_Addr *addresses;
static size_t count;
static Node *nodes;
static size_t node_count;
static int *innermost;
static Dwarf_Die **unit_of_address;

static int compare(const void *a, const void *b) {
    Dwarf_Addr left = *(const Dwarf_Addr *)a, right = *(const Dwarf_Addr *)b;
    return left < right ? -1 : left > right;
}

static size_t first_not_below(Dwarf_Addr address) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (addresses[middle] < address) low = middle + 1;
        else high = middle;
    }
    return low;
}

static int make_node(Dwarf_Die *die, Dwarf_Die *unit, int parent) {
    if ((node_count & (node_count - 1)) == 0) nodes = realloc(nodes, (node_count ? node_count * 2 : 1) * sizeof *nodes);
    nodes[node_count] = (Node){*die, unit, parent};
    return node_count++;
}

/// Gives the addresses in `die` a node; its number, or -1 when none lies in it.
static int visit(Dwarf_Die *die, Dwarf_Die *unit, int parent, Dwarf_Addr first_code) {
    Dwarf_Addr base, start, end;
    ptrdiff_t offset = 0;
    int node = -1;
    while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
        if (start < first_code) continue;
        for (size_t i = first_not_below(start); i < count && addresses[i] < end; i++) {
            if (node < 0) node = make_node(die, unit, parent);
            innermost[i] = node;
            unit_of_address[i] = unit;
        }
    }
    return node;
}

static void walk(Dwarf_Die *parent_die, Dwarf_Die *unit, int parent, Dwarf_Addr first_code) {
    Dwarf_Die die;
    if (dwarf_child(parent_die, &die) != 0) return;
    do {
        int tag = dwarf_tag(&die);
        int inner = parent;
        if (tag == DW_TAG_subprogram) inner = visit(&die, unit, -1, first_code);
        else if (tag == DW_TAG_inlined_subroutine && parent >= 0) {
            inner = visit(&die, unit, parent, first_code);
            // What lies in an inlined call lies in the ranges of the call: nothing hit, nothing inside.
            if (inner < 0) continue;
        }
        walk(&die, unit, inner, first_code);
    } while (dwarf_siblingof(&die, &die) == 0);
}

static const char *name_of(Dwarf_Die *die) {
    Dwarf_Attribute attribute;
    if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute)
        || dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute))
        return dwarf_formstring(&attribute);
    return dwarf_attr_integrate(die, DW_AT_name, &attribute) ? dwarf_formstring(&attribute) : "";
}

static Dwarf_Word number(Dwarf_Die *die, unsigned name) {
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    if (dwarf_attr(die, name, &attribute)) dwarf_formudata(&attribute, &value);
    return value;
}

static const char *source_file(Dwarf_Die *unit, Dwarf_Word index) {
    Dwarf_Files *files;
    size_t file_count;
    if (dwarf_getsrcfiles(unit, &files, &file_count) != 0 || index >= file_count) return "";
    const char *name = dwarf_filesrc(files, index, NULL, NULL);
    return name ? name : "";
}

/// Prints `file:line`, the file below the unit's directory.
static void print_position(Dwarf_Die *unit, const char *file, Dwarf_Word line) {
    Dwarf_Attribute attribute;
    const char *directory =
        dwarf_attr(unit, DW_AT_comp_dir, &attribute) ? dwarf_formstring(&attribute) : NULL;
    if (*file && *file != '/' && directory) printf("%s/", directory);
    printf("%s:%lu", file, line);
}

static void print_line(Dwarf_Die *unit, Dwarf_Addr address) {
    Dwarf_Lines *lines;
    size_t line_count;
    if (unit && dwarf_getsrclines(unit, &lines, &line_count) == 0) {
        size_t low = 0, high = line_count;
        while (low < high) {
            size_t middle = (low + high) / 2;
            Dwarf_Addr start;
            dwarf_lineaddr(dwarf_onesrcline(lines, middle), &start);
            if (start <= address) low = middle + 1;
            else high = middle;
        }
        if (low > 0) {
            Dwarf_Line *line = dwarf_onesrcline(lines, low - 1);
            bool is_end;
            int number;
            if (dwarf_lineendsequence(line, &is_end) == 0 && !is_end && dwarf_lineno(line, &number) == 0) {
                const char *file = dwarf_linesrc(line, NULL, NULL);
                print_position(unit, file ? file : "", number);
                return;
            }
        }
    }
    printf(":0");
}

static void print_declaration(Dwarf_Die *die) {
    Dwarf_Attribute attribute;
    Dwarf_Word line = 0, file = 0;
    Dwarf_Die unit;
    if (dwarf_attr_integrate(die, DW_AT_decl_line, &attribute)) dwarf_formudata(&attribute, &line);
    if (dwarf_attr_integrate(die, DW_AT_decl_file, &attribute)) {
        dwarf_formudata(&attribute, &file);
        // The number counts in the unit of the entry that holds it.
        if (dwarf_cu_die(attribute.cu, &unit, NULL, NULL, NULL, NULL, NULL, NULL)) {
            print_position(&unit, source_file(&unit, file), line);
            return;
        }
    }
    printf(":%lu", line);
}

/// The position of the call that `inlined` stands for.
static void print_call(Dwarf_Die *inlined) {
    Dwarf_Die unit;
    dwarf_diecu(inlined, &unit, NULL, NULL);
    print_position(&unit, source_file(&unit, number(inlined, DW_AT_call_file)), number(inlined, DW_AT_call_line));
}

int main(int argc, char **argv) {
    size_t room = 0;
    for (char line[64]; fgets(line, sizeof line, stdin);) {
        if (count == room) addresses = realloc(addresses, (room = room ? room * 2 : 1024) * sizeof *addresses);
        addresses[count++] = strtoull(line, NULL, 16);
    }
    qsort(addresses, count, sizeof *addresses, compare);
    innermost = malloc(count * sizeof *innermost);
    unit_of_address = calloc(count, sizeof *unit_of_address);
    for (size_t i = 0; i < count; i++) innermost[i] = -1;

    int file = argc > 1 ? open(argv[1], O_RDONLY) : -1;
    Dwarf *dwarf = file >= 0 ? dwarf_begin(file, DWARF_C_READ) : NULL;
    if (!dwarf) {
        fprintf(stderr, "walk: %s\n", argc > 1 ? dwarf_errmsg(-1) : "which file?");
        return 1;
    }
    if (argc > 2) dwarf_setalt(dwarf, dwarf_begin(open(argv[2], O_RDONLY), DWARF_C_READ));

    Dwarf_CU *unit = NULL;
    Dwarf_Die unit_die, split_die;
    uint8_t kind;
    while (dwarf_get_units(dwarf, unit, &unit, NULL, &kind, &unit_die, &split_die) == 0) {
        if (kind == DW_UT_type) continue;
        Dwarf_Die *kept = malloc(sizeof *kept);
        *kept = unit_die;
        int is_split = kind == DW_UT_skeleton && dwarf_tag(&split_die) != DW_TAG_invalid;
        Dwarf_Addr base, start, end;
        ptrdiff_t offset = 0;
        while ((offset = dwarf_ranges(&unit_die, offset, &base, &start, &end)) > 0)
            for (size_t i = first_not_below(start); start && i < count && addresses[i] < end; i++)
                if (!unit_of_address[i]) unit_of_address[i] = kept;
        walk(is_split ? &split_die : &unit_die, kept, -1, 1);
    }
    for (size_t i = 0; i < count; i++) {
        if (innermost[i] < 0) {
            printf("|");
            print_line(unit_of_address[i], addresses[i]);
            printf("|:0");
        }
        for (int node = innermost[i], inlined = -1; node >= 0; inlined = node, node = nodes[node].parent) {
            Node *current = &nodes[node];
            printf("%s%s|", inlined >= 0 ? "\t" : "", name_of(&current->die));
            if (inlined < 0) print_line(current->unit, addresses[i]);
            else print_call(&nodes[inlined].die);
            printf("|");
            print_declaration(&current->die);
        }
        printf("\n");
    }
}
