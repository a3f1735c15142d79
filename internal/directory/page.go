package directory

// defaultPageSize is the size of a page when none is asked for.
const defaultPageSize = 100

// Page says which part of a list is wanted.
type Page struct {
	Size  int    // 1 to 100; 0: the default
	Token string // from the part before; "": the first part
}

func (p Page) size() int {
	if p.Size == 0 {
		return defaultPageSize
	}
	return p.Size
}

// position opens the token of a page of a list.
func (d *Directory) position(list string, p Page) ([]byte, error) {
	position, err := d.pages.Open(list, p.Token)
	if err != nil {
		return nil, &Error{Kind: InvalidToken, Message: "The NextToken value isn't valid."}
	}
	return position, nil
}
